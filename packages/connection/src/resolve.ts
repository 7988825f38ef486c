import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ConnectionError } from "./errors.js";

/** A numeric address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Turns a host name into numeric addresses, best first. */
export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>;

/** The system's resolver, as `node:net` uses it. */
export const systemResolver: Resolver = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/** @throws ConnectionError `ERR_HOST_UNRESOLVED` with the resolver's error as cause */
export async function resolveHost(host: string, resolver: Resolver): Promise<readonly ResolvedAddress[]> {
  const numeric = isIP(host.split("%")[0]!);
  if (numeric !== 0) return [{ address: host, family: numeric === 6 ? 6 : 4 }];
  let cause: unknown;
  try {
    const found = await resolver(host);
    if (found.length > 0) return found;
  } catch (error) {
    cause = error;
  }
  const why = cause instanceof Error ? cause.message : "no address";
  const message = `host: expected a name that resolves, got ${JSON.stringify(host)} (${why})`;
  throw new ConnectionError("ERR_HOST_UNRESOLVED", message, cause === undefined ? {} : { cause });
}
