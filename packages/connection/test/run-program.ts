import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const LIMIT_MS = 15_000;
const { resolve } = createRequire(import.meta.url);

export interface RunOptions {
  /** Added to this process's own. */
  readonly environment?: Record<string, string>;
  /** For the runtime, before the program. */
  readonly flags?: readonly string[];
}

/**
 * Runs a program as a user of the packages would, against the built ones, and gives what it printed.
 *
 * @throws Error unless the program ends by itself with 0, in time
 */
export async function runProgram(code: string, { environment = {}, flags = [] }: RunOptions = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "p2pnet program "));
  try {
    const program = join(folder, "program.mjs");
    await writeFile(program, withResolvedImports(code));
    const { stdout } = await promisify(execFile)(process.execPath, [...RUN, ...flags, program], {
      env: { ...process.env, ...environment },
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    return stdout.replaceAll("\r\n", "\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How the runtime is told to run a file without asking for leave. */
const RUN = process.versions["deno"] === undefined ? [] : ["run", "--allow-all"];

/** The packages as this file finds them: from the program's own folder they are not to be found. */
function withResolvedImports(code: string): string {
  return code.replaceAll(/"(@p2pnet\/[\w-]+)"/g, (_, name: string) =>
    JSON.stringify(pathToFileURL(resolve(name)).href),
  );
}
