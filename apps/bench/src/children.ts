import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Milliseconds that a child gets to end by itself before it is killed. */
const PATIENCE_MS = 3000;

const running = new Set<ChildProcess>();

/**
 * Starts a program as the leader of its own process group: a signal then reaches the programs that it started, too,
 * and Ctrl+C reaches this process alone, which stops the others in its own order.
 */
export function startChild(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  // A child that cannot start or ends early shows up as a missing line and a "close", which its user awaits anyway.
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  return child;
}

/** Asks a child to end, insists after a while, and resolves when it is gone. */
export async function stopChild(child: ChildProcess, patienceMs: number = PATIENCE_MS): Promise<void> {
  if (!running.has(child)) return;
  const closed = once(child, "close");
  signalGroup(child, "SIGTERM");
  const insist = setTimeout(() => signalGroup(child, "SIGKILL"), patienceMs);
  await closed;
  clearTimeout(insist);
}

/** No child outlives this process: neither after an error, nor after Ctrl+C. */
export function stopChildrenAtExit(): void {
  process.on("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGHUP", () => process.exit(129));
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended in the meantime.
  }
}
