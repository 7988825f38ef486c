import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const LIMIT_MS = 15_000;

/**
 * Runs a program as a user of the package would, against the built package, and gives what it printed.
 *
 * @throws Error unless the program ends by itself with 0, in time
 */
export async function runProgram(code: string, environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: FOLDER,
    env: { ...process.env, ...environment },
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  return stdout;
}
