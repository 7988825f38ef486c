import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const HAS_PROC = existsSync("/proc/self/status");

/** The one process that the process `parent` has started. */
export function onlyChildOf(parent: number): number {
  const children = HAS_PROC
    ? readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
    : execFileSync("pgrep", ["-P", `${parent}`], { encoding: "utf8" });
  return Number(children);
}

/** A process that has ended, and that nobody has asked for its exit code yet, is not alive. */
export function isAlive(id: number): boolean {
  try {
    const state = HAS_PROC
      ? /^State:\s+(\S)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]
      : execFileSync("ps", ["-o", "stat=", "-p", `${id}`], { encoding: "utf8" });
    return state?.startsWith("Z") === false;
  } catch {
    return false;
  }
}
