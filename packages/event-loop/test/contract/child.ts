import type { ChildProcess } from "node:child_process";
import { type ProgramContext, programOf } from "./program.js";
import { ProgramFolder } from "./program-folder.js";
import { runProgram } from "./run-program.js";
import type { Subject } from "./subject.js";

export interface ChildResult {
  /** What the program told. */
  readonly told: unknown[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** In the program: into the file at once, whatever the loop is doing. */
const TELL = '(value) => void writeSync(1, JSON.stringify(value) + "\\n")';

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
  const folder = new ProgramFolder({ "program.js": programOf(subject, `${program}`, TELL) });
  try {
    const { stdout, ...result } = await runProgram(folder, "program.js", (child, printed) => {
      meanwhile(child, toldIn(printed));
    });
    return { told: toldIn(stdout), ...result };
  } finally {
    folder.remove();
  }
}

/** The lines that are complete. */
function toldIn(stdout: string): unknown[] {
  const lines = stdout.split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}
