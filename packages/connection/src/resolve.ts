import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ConnectionError } from "./errors.js";

/** A numeric address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Turns a host name into numeric addresses of both families, best first; `connect` mixes the families. All come in one
 * answer: the system's resolver has them at once, in the order of RFC 6724, which two questions of one family each would lose.
 * So there is no use for the resolution delay of RFC 8305, section 3. One that asks the name servers itself waits for the
 * second family as long as it thinks right (there, 50 milliseconds), and answers with what it has.
 */
export type Resolver = (host: string) => Promise<readonly ResolvedAddress[]>;

/** The system's resolver (getaddrinfo(3)), as `node:net` uses it. */
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
