import { readFileSync } from "node:fs";

/** Descriptors that a process needs beside its connections. */
const SPARE = 100;

/** The hard limit of the line `Max open files  1024  20000  files` in /proc/PID/limits (proc_pid_limits(5)). */
export function parseDescriptorLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard === undefined) throw new TypeError("limits: expected a line Max open files, got none");
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Connections that a program started from here can have at once: it may raise its own limit this far. */
export function mostConnections(): number {
  return parseDescriptorLimit(readFileSync("/proc/self/limits", "utf8")) - SPARE;
}
