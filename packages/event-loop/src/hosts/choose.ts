import { type NodeLoop, nodeLoop } from "@p2pnet/sys";
import { EventLoopError } from "../errors.js";
import { DescriptorSource } from "./descriptor-source.js";
import { DrivenHost } from "./driven.js";
import type { Host, Hosted } from "./host.js";
import { NestedHost } from "./nested.js";
import { pushingSource } from "./pushing-source.js";

/** Looked up once: it costs some 50 µs, and a default loop starts each time that it has something to do. */
let node: NodeLoop | null | undefined;

/**
 * The host that runs a loop beside Node's own work.
 *
 * @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` where the runtime is not Node
 */
export function chooseHost(loop: Hosted): Host {
  const { backend } = loop;
  if (backend.style === "pushing") return new DrivenHost(loop, pushingSource(loop, backend));
  node ??= nodeLoop();
  if (node === null) {
    throw new EventLoopError(
      "ERR_BACKEND_UNAVAILABLE",
      `run: expected Node's own event loop to nest ${backend.name} in, got a runtime without its symbols; use runSync()`,
    );
  }
  // Two nested loops would keep each other from sleeping. One without a descriptor (poll) has no other way.
  if (NestedHost.running > 0 && backend.descriptor !== null) {
    return new DrivenHost(loop, new DescriptorSource(backend.descriptor));
  }
  return new NestedHost(loop, backend, node);
}
