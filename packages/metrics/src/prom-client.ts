import { createRequire } from "node:module";
import type * as PromClient from "prom-client";

/**
 * prom-client, of which there is one in a program: a peer, so it may be missing. It is loaded so, and not imported, because the
 * failure of an import could not be told in words of ours.
 */
export const promClient: typeof PromClient = load(createRequire(import.meta.url));

/**
 * Over a given `require`, so that its failure can be tested.
 *
 * @throws Error `ERR_PROM_CLIENT_MISSING`, with the loader's own as `cause`
 */
export function load(require: (name: string) => unknown): typeof PromClient {
  try {
    return require("prom-client") as typeof PromClient;
  } catch (cause) {
    const got = cause instanceof Error ? cause.message.split("\n")[0] : cause;
    const message = `@p2pnet/metrics/prometheus: expected prom-client beside it, got: ${got}; npm install prom-client`;
    throw Object.assign(new Error(message, { cause }), { code: "ERR_PROM_CLIENT_MISSING" });
  }
}
