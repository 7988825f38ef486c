// By its path: `sys` is no dependency of this package, and its tests alone reach below `socket`.
import { callsOverRing } from "../../event-loop/test/contract/calls-over-ring.js";
import { replaceSystem, type System, system } from "../../sys/dist/index.js";

export { type System, system };

/** Replaces system calls, for sockets and loops that are made from now on. Returns what puts the real ones back. */
export function replaceCalls(replacements: (real: System) => Partial<System>): () => void {
  const real = system();
  replaceSystem(callsOverRing({ ...real, ...replacements(real) }));
  return () => void replaceSystem(real);
}
