import { readFileSync } from "node:fs";

/** Bytes of the line `VmRSS:   3088 kB` in /proc/PID/status: the memory that a process holds now (proc_pid_status(5)). */
export function parseResidentBytes(status: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new TypeError("status: expected a line VmRSS, got none");
  return Number(kibibytes) * 1024;
}

export function readResidentBytes(pid: number): number {
  return parseResidentBytes(readFileSync(`/proc/${pid}/status`, "utf8"));
}
