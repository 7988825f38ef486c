import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

const serverProgram = fileURLToPath(new URL("../node_modules/async-server/dist/main.js", import.meta.url));

export interface Outcome {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built program; it ends with the test at the latest. */
export function startProgram(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** How it ended, and all that it printed. */
export async function outcome(child: ChildProcess): Promise<Outcome> {
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code, signal] = await closed;
  return { exit: code ?? signal, stdout, stderr };
}

export async function runProgram(...args: string[]): Promise<Outcome> {
  return await outcome(startProgram(...args));
}

/** Starts async-server beside the test, and returns its port. */
export async function startServer(...args: string[]): Promise<string> {
  const server = spawn(process.execPath, [serverProgram, "--port", "0", "--quiet", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void server.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  return /:(\d+) /.exec(line)![1]!;
}
