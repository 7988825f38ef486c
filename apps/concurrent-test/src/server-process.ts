import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestArguments } from "./arguments.js";
import { TestError } from "./test-error.js";

/** Milliseconds until a server must have said that it listens, and until it must have ended. */
const START_MS = 15_000;
const STOP_MS = 7_000;
const READY = /^\[OK\] Server listening on \S+:(\d+) /;

/** A server that was started for the test. */
export interface ServerProcess {
  readonly port: number;
  /** The line in which it said that it is ready. */
  readonly readyLine: string;
  stop(): Promise<void>;
}

/**
 * Starts async-server on a free port and waits until it is ready. It has an IPC channel, over which nothing is sent: when
 * the channel closes, because `stop` closed it or because this process is gone, however it ended, the server stops.
 *
 * @param security its options for that
 * @throws TestError `ERR_SERVER_START`; the reason of `signal`
 */
export async function startServer(
  { host, backend, mode }: Pick<TestArguments, "host" | "backend" | "mode">,
  security: readonly string[],
  signal: AbortSignal,
): Promise<ServerProcess> {
  const program = fileURLToPath(import.meta.resolve("async-server/dist/main.js"));
  if (!existsSync(program)) throw startError("expected async-server to be built, it is not");
  const args = ["--host", host, "--port", "0", "--backend", backend, "--mode", mode, "--quiet", ...security];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  // Not "close": it never comes once this side has closed the channel.
  const ended = once(child, "exit").finally(() => process.off("exit", killAtExit));

  try {
    const readyLine = await firstLine(child, signal);
    const port = Number(READY.exec(readyLine)?.[1]);
    if (!(port > 0)) throw startError(`expected the line that names its port, got ${JSON.stringify(readyLine)}`);
    child.stderr!.removeAllListeners("data").pipe(process.stderr, { end: false });
    return { port, readyLine, stop: () => stopServer(child, ended) };
  } catch (error) {
    await stopServer(child, ended);
    throw error;
  }
}

async function stopServer(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.connected) child.disconnect();
  const insist = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(insist);
}

/** The first line that the server prints. All others are read and dropped, so that it never waits for a reader. */
function firstLine(child: ChildProcess, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let complaint = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    createInterface({ input: child.stdout! }).on("line", resolve);
    child.once("error", (error) => reject(startError(error.message)));
    child.once("close", (code, killer) => {
      const end = killer === null ? `exit code ${code}` : killer;
      reject(startError(complaint.trim().split("\n")[0] || `expected it to listen, got ${end}`));
    });
    const late = setTimeout(() => reject(startError(`expected it to listen within ${START_MS} ms`)), START_MS);
    child.stdout!.once("data", () => clearTimeout(late));
    child.once("close", () => clearTimeout(late));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function startError(why: string): TestError {
  return new TestError("ERR_SERVER_START", `server: ${why}`);
}
