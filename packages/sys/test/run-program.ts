import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a program of a test ended. */
export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Null if a signal killed it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  /** Options for Node itself. */
  readonly flags?: readonly string[];
  /** Where imports resolve: the folder of the package under test by default, which must be built. */
  readonly folder?: string | URL;
  /** A shell that runs Node as `"$@"`, to limit or wrap it. */
  readonly shell?: string;
}

/** Runs `code` as a module in a process of its own, to its end. */
export function runProgram(code: string, options: ProgramOptions = {}): ProgramResult {
  const { flags = [], folder = new URL("..", import.meta.url), shell } = options;
  const node = [process.execPath, ...flags, "--input-type=module", "--eval", code];
  const [command, ...args] = shell === undefined ? node : ["sh", "-c", shell, "sh", ...node];
  const cwd = folder instanceof URL ? fileURLToPath(folder) : folder;
  // Whatever runs the tests may lead Node to packages that a user would not have.
  const env = { ...process.env, NODE_PATH: "", NODE_OPTIONS: "" };
  const result = spawnSync(command!, args, { cwd, env, encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" });
  if (result.error !== undefined) throw result.error;
  return result;
}

/** As `runProgram`, for a program that must succeed and prints JSON. */
export function jsonOf(code: string, options: ProgramOptions = {}): unknown {
  const { stdout, stderr, status, signal } = runProgram(code, options);
  if (status !== 0) throw new Error(`program: expected it to exit with 0, got ${signal ?? status}\n${stderr}`);
  return JSON.parse(stdout);
}
