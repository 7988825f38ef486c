import { availableBackends, type BackendName } from "@p2pnet/event-loop";

/**
 * The backends that this suite runs on: the first choice here, and the last, which Node drives; with `P2PNET_TESTS=all`, as CI has
 * it, every one.
 */
export function testedBackends(): readonly BackendName[] {
  const all = availableBackends();
  return process.env["P2PNET_TESTS"] === "all" || all.length < 3 ? all : [all[0]!, all.at(-1)!];
}
