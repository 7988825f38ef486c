import { arch, availableParallelism, cpus, platform, release } from "node:os";
import { BenchError } from "./errors.js";

/** Where the figures come from: without it no figure means anything. */
export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly processors: number;
  readonly compiler: string;
}

export function describeMachine(compiler: string): Machine {
  return {
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    compiler,
  };
}

export function formatMachine(machine: Machine): string {
  return `Node ${machine.node}, ${machine.system}, ${machine.processors} x ${machine.processor}, ${machine.compiler}`;
}

/** The C server stands on epoll, and CPU time and memory are read from /proc: throws `ERR_SYSTEM` elsewhere. */
export function requireLinux(system: NodeJS.Platform = process.platform): void {
  if (system !== "linux") throw new BenchError("ERR_SYSTEM", `system: expected linux, got ${system}`);
}
