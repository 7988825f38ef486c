import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { ProgramFolder } from "./program-folder.js";

/** A program that takes longer is killed. */
const LIMIT_MS = 60_000;
/** How often it is looked what a program has printed meanwhile. */
const LOOK_MS = 5;

/** How the runtime is told to run a file, with leave for everything. */
const RUN: readonly string[] = process.versions["deno"] === undefined ? [] : ["run", "--allow-all"];

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs a module of `folder` in a process of its own.
 *
 * @param meanwhile called once, when it has printed a line
 */
export async function runProgram(
  folder: ProgramFolder,
  name: string,
  meanwhile: (child: ChildProcess, stdout: string) => void = () => {},
): Promise<ProgramResult> {
  // With files for what it prints: not every runtime that the tests run on has working pipes to a child.
  const [out, err] = [folder.path("stdout"), folder.path("stderr")];
  const outputs = [openSync(out, "w"), openSync(err, "w")] as const;
  const child = spawn(process.execPath, [...RUN, folder.path(name)], { stdio: ["ignore", ...outputs] });
  for (const output of outputs) closeSync(output);
  const deadline = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const looking = setInterval(() => {
    const stdout = readFileSync(out, "utf8");
    if (!stdout.includes("\n")) return;
    clearInterval(looking);
    meanwhile(child, stdout);
  }, LOOK_MS);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    return { stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8"), code, signal };
  } finally {
    clearTimeout(deadline);
    clearInterval(looking);
  }
}
