import { createInterface } from "node:readline";
import { startChild, stopChild } from "./children.js";
import { BenchError } from "./errors.js";
import type { Peer, ServerMode } from "./peers.js";

/** Milliseconds until a server must have said that it listens. */
const START_TIMEOUT_MS = 15_000;

/** How our server ends its complaint where the system lacks the backend. */
const LACKS_BACKEND = /\(ERR_BACKEND_UNAVAILABLE\)$/;

/** A running server; whoever started it stops it. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a peer and waits for the line that names its port. */
export async function startServer(peer: Peer, mode: ServerMode = "echo"): Promise<ServerProcess> {
  const program = peer.modes[mode];
  if (program === undefined)
    throw new BenchError("ERR_SERVER", `${peer.name}: ${peer.missing ?? `has no ${mode} server`}`);
  const child = startChild(program.command, program.args);
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (complaint.length < 4096) complaint += text;
  });

  const port = await new Promise<number | string>((resolve) => {
    const timeout = setTimeout(
      () => resolve(`expected it to listen within ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    child.once("close", (code, signal) => {
      clearTimeout(timeout);
      resolve(complaint.trim().split("\n")[0] || `ended with ${signal ?? `exit code ${code}`}`);
    });
    // Reads on to the end: a server must never wait for somebody to take its output.
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const found = peer.ready
        .exec(line)
        ?.slice(1)
        .find((group) => group !== undefined);
      if (found === undefined) return;
      clearTimeout(timeout);
      resolve(Number(found));
    });
  });

  if (typeof port === "string") {
    await stopChild(child);
    throw new BenchError(LACKS_BACKEND.test(port) ? "ERR_BACKEND" : "ERR_SERVER", `${peer.name}: ${port}`);
  }
  return { pid: child.pid!, port, stop: () => stopChild(child) };
}
