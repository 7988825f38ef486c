import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { AbuseError } from "./errors.js";

/** Ticks a second of the times in /proc/PID/stat: sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Bytes of a line such as `VmHWM:   3088 kB` of /proc/PID/status (proc_pid_status(5)). */
export function parseStatusBytes(status: string, name: "VmRSS" | "VmHWM"): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new TypeError(`status: expected a line ${name}, got none`);
  return Number(kibibytes) * 1024;
}

/** Seconds on a processor, user and kernel mode: fields 14 and 15 of /proc/PID/stat (proc_pid_stat(5)). */
export function parseCpuSeconds(stat: string): number {
  // The second field is the program's name in brackets, and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isInteger(ticks)) throw new TypeError(`stat: expected two counts of ticks, got "${stat.trim()}"`);
  return ticks / TICKS_PER_SECOND;
}

/** The hard limit of the line `Max open files  1024  20000  files` in /proc/PID/limits (proc_pid_limits(5)). */
export function parseDescriptorLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard === undefined) throw new TypeError("limits: expected a line Max open files, got none");
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Memory that the process holds now. */
export function residentBytes(pid: number): number {
  return parseStatusBytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS");
}

/** The most memory that it has held since it began, or since `forgetPeak`. */
export function peakBytes(pid: number): number {
  return parseStatusBytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmHWM");
}

/** From here on the peak is counted anew: proc_pid_clear_refs(5). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export function cpuSeconds(pid: number): number {
  return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** Whether signals have stopped the process: state T of /proc/PID/stat. */
export function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}

export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many descriptors a program started from here may have: Node raises its own limit that far. */
export function descriptorLimit(): number {
  return parseDescriptorLimit(readFileSync("/proc/self/limits", "utf8"));
}

/** @throws AbuseError `ERR_SYSTEM` */
export function requireProc(system: NodeJS.Platform = process.platform): void {
  if (system !== "linux") throw new AbuseError("ERR_SYSTEM", `system: expected linux, got ${system}`);
}
