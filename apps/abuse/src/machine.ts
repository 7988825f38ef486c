import { arch, availableParallelism, cpus, release } from "node:os";

/** Where the figures come from. */
export function machine(): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  return `Node ${process.versions.node}, ${process.platform} ${release()} ${arch()}, ${availableParallelism()} x ${processor}`;
}
