import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Long, for machines that do other things, too: a program that does not end is what it is about. */
const LIMIT_MS = 60_000;
/** How the runtime is told to run a file, with leave for everything. */
const RUN: readonly string[] = process.versions["deno"] === undefined ? [] : ["run", "--allow-all"];
const { resolve } = createRequire(import.meta.url);

export interface RunOptions {
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Other modules beside it, by their names. */
  readonly modules?: Readonly<Record<string, string>>;
  /** For the runtime, before the program. */
  readonly flags?: readonly string[];
}

/**
 * Runs a program as a user of the packages would, against the built ones, and gives what it printed.
 *
 * @throws Error unless the program ends by itself with 0, in time
 */
export async function runProgram(code: string, options: RunOptions = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet program "));
  try {
    const program = join(folder, "program.mjs");
    writeFileSync(program, withResolvedImports(code));
    for (const [name, module] of Object.entries(options.modules ?? {})) {
      writeFileSync(join(folder, name), withResolvedImports(module));
    }
    return await outputOf(program, folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The packages as this file finds them: from the program's own folder they are not to be found. */
function withResolvedImports(code: string): string {
  return code.replaceAll(/"(@p2pnet\/[\w-]+)"/g, (_, name: string) =>
    JSON.stringify(pathToFileURL(resolve(name)).href),
  );
}

/** It writes to files: not every runtime that the tests run on has working pipes to a child. */
async function outputOf(program: string, folder: string, { environment, flags = [] }: RunOptions): Promise<string> {
  const files = ["out", "err"].map((name) => join(folder, name)) as [string, string];
  const [out, err] = files.map((file) => openSync(file, "w"));
  const child = spawn(process.execPath, [...RUN, ...flags, program], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", out!, err!],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  closeSync(out!);
  closeSync(err!);
  const [exit, signal] = (await once(child, "exit")) as [number | null, string | null];
  const [printed, complaints] = files.map((file) => readFileSync(file, "utf8"));
  if (exit !== 0)
    throw new Error(`program: expected it to exit with 0, got ${signal ?? exit}\n${printed}${complaints}`);
  return printed!;
}
