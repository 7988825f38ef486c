import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ProgramContext, writeProgram } from "./program.js";
import type { Subject } from "./subject.js";

/** A child that takes longer is killed, and the test fails. */
const LIMIT_MS = 20_000;
/** How often it is asked what a child has told meanwhile. */
const ASK_MS = 5;

/** How the runtime is told to run a file, with leave for everything. */
const RUN: readonly string[] = process.versions["deno"] === undefined ? [] : ["run", "--allow-all"];

export interface ChildResult {
  /** What the program told. */
  readonly told: unknown[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/**
 * Runs `program` in a process of its own, against the built package. It is handed over as text, so it may use nothing from
 * around it but its parameter.
 *
 * @param meanwhile called once, when the program has told something
 */
export async function inChild(
  subject: Subject,
  program: (context: ProgramContext) => void | Promise<void>,
  meanwhile: (child: ChildProcess, told: unknown[]) => void = () => {},
): Promise<ChildResult> {
  const file = writeProgram(subject, `${program}`, TELL);
  const out = join(file.folder, "out");
  const err = join(file.folder, "err");
  try {
    const child = start(file.path, out, err);
    const deadline = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const asking = setInterval(() => {
      const told = toldIn(out);
      if (told.length === 0) return;
      clearInterval(asking);
      meanwhile(child, told);
    }, ASK_MS);
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    clearTimeout(deadline);
    clearInterval(asking);
    return { told: toldIn(out), code, signal, stderr: readFileSync(err, "utf8") };
  } finally {
    file.remove();
  }
}

/** In the program: into the file at once, whatever the loop is doing. */
const TELL = `{ tell: (value) => void writeSync(1, JSON.stringify(value) + "\\n") }`;

/** With files for what it writes: not every runtime that the tests run on has working pipes to a child. */
function start(program: string, out: string, err: string): ChildProcess {
  const outputs = [openSync(out, "w"), openSync(err, "w")] as const;
  try {
    return spawn(process.execPath, [...RUN, program], { stdio: ["ignore", ...outputs] });
  } finally {
    for (const file of outputs) closeSync(file);
  }
}

/** The lines that are complete. */
function toldIn(file: string): unknown[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}
