import { nodeLoop } from "@p2pnet/sys";
import { EventLoopError } from "../errors.js";
import { DrivenHost } from "./driven.js";
import type { Host, Hosted } from "./host.js";
import { NestedHost } from "./nested.js";
import { WatchedHost } from "./watched.js";

/**
 * The host that runs a loop beside Node's own work.
 *
 * @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` where the runtime is not Node
 */
export function chooseHost(loop: Hosted): Host {
  const { backend } = loop;
  if (backend.style === "pushing") return new DrivenHost(loop, backend);
  const node = nodeLoop();
  if (node === null) {
    throw new EventLoopError(
      "ERR_BACKEND_UNAVAILABLE",
      `run: expected Node's own event loop to nest ${backend.name} in, got a runtime without its symbols; use runSync()`,
    );
  }
  // Two nested loops would keep each other from sleeping. One without a descriptor (poll) has no other way.
  if (NestedHost.running > 0 && backend.descriptor !== null) return new WatchedHost(loop, backend.descriptor);
  return new NestedHost(loop, backend, node);
}
