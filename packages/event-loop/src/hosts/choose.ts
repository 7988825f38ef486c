import { nodeLoop } from "@p2pnet/sys";
import { DrivenHost } from "./driven.js";
import type { Host, Hosted } from "./host.js";
import { Nest } from "./nest.js";
import { NestedHost } from "./nested.js";
import { ParkedHost } from "./parked.js";

/** This thread's, or null where loops cannot nest. Made once: to look up Node's loop costs some 50 µs. */
let nest: Nest | null | undefined;

/**
 * The host that runs a loop beside the runtime's own work: driven for a backend that pushes, nested where Node's loop and
 * the backend allow it, parked elsewhere (Bun, Deno, Windows).
 *
 * `P2PNET_HOST=parked` has loops parked that could nest, so that this host can be tested everywhere. It is for tests alone.
 */
export function chooseHost(loop: Hosted): Host {
  const { backend } = loop;
  if (backend.style === "pushing") return new DrivenHost(loop, backend);
  if (nest === undefined) {
    const node = nodeLoop();
    nest = node === null ? null : new Nest(node);
  }
  if (nest !== null && backend.nests && process.env["P2PNET_HOST"] !== "parked") {
    return new NestedHost(loop, backend, nest);
  }
  return new ParkedHost(loop, backend);
}
