import { nodeLoop } from "@p2pnet/sys";
import { EventLoopError } from "../errors.js";
import { DrivenHost } from "./driven.js";
import type { Host, Hosted } from "./host.js";
import { Nest } from "./nest.js";
import { NestedHost } from "./nested.js";

/** This thread's. Made once: to look up Node's loop costs some 50 µs. */
let nest: Nest | null = null;

/**
 * The host that runs a loop beside Node's own work.
 *
 * @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` where the runtime is not Node
 */
export function chooseHost(loop: Hosted): Host {
  const { backend } = loop;
  if (backend.style === "pushing") return new DrivenHost(loop, backend);
  nest ??= createNest(backend.name);
  return new NestedHost(loop, backend, nest);
}

function createNest(backend: string): Nest {
  const node = nodeLoop();
  if (node !== null) return new Nest(node);
  throw new EventLoopError(
    "ERR_BACKEND_UNAVAILABLE",
    `run: expected Node's own event loop to nest ${backend} in, got a runtime without its symbols; use runSync()`,
  );
}
