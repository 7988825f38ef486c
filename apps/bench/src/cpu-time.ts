import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds on a processor so far, by thread id. */
export type CpuTime = ReadonlyMap<string, number>;

/**
 * The first field of a schedstat file: nanoseconds that the thread has spent on a processor.
 * Source: Documentation/scheduler/sched-stats.rst in the Linux kernel.
 */
export function parseSchedstat(text: string): number {
  const fields = text.trim().split(" ");
  const nanoseconds = Number(fields[0]);
  if (fields.length !== 3 || !/^\d+$/.test(fields[0]!)) {
    throw new TypeError(`schedstat: expected three numbers, got "${text.trim()}"`);
  }
  return nanoseconds;
}

/**
 * Reads the CPU time of every thread of a process: a server's own thread, but also the compiler's and the garbage
 * collector's threads beside it. /proc/PID/stat would be one file only, but counts in steps of 10 ms.
 */
export function readCpuTime(pid: number): CpuTime {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      times.set(thread, parseSchedstat(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8")));
    } catch (error) {
      if (!threadHasEnded(error)) throw error;
    }
  }
  return times;
}

/** Nanoseconds between two readings. A thread that started in between counts from its start. */
export function cpuTimeBetween(before: CpuTime, after: CpuTime): number {
  let total = 0;
  for (const [thread, nanoseconds] of after) total += nanoseconds - (before.get(thread) ?? 0);
  return total;
}

function threadHasEnded(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ESRCH";
}
