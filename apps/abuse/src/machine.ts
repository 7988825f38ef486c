import { arch, availableParallelism, cpus } from "node:os";

/** Where the figures come from. */
export function machine(): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  return `Node ${process.versions.node}, ${process.platform} ${arch()}, ${availableParallelism()} x ${processor}`;
}
