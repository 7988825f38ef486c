import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { appRoot } from "./app-root.js";
import { compiledOnce } from "./compiled.js";
import { BenchError } from "./errors.js";
import type { Program } from "./program.js";

const run = promisify(execFile);

/** The server in Go, compiled where Go is found. */
export async function compileGo(command: string = "go"): Promise<Program> {
  let version: string;
  try {
    version = (await run(command, ["version"])).stdout.trim();
  } catch {
    return { missing: `Go: "${command}" does not run` };
  }
  const folder = join(appRoot, "go");
  const path = await compiledOnce("go-server", version, folder, async (output) => {
    try {
      await run(command, ["build", "-o", output, join(folder, "server.go")]);
    } catch (error) {
      throw new BenchError("ERR_COMPILE", `server.go: expected it to compile, got ${String(error)}`);
    }
  });
  return { path };
}
