import { ConnectionError, expectInteger, expectString } from "./errors.js";
import { type Resolver, resolveHost, systemResolver } from "./resolve.js";
import type { Endpoint } from "./transports/transport.js";

/** A host and a port, or the path of a Unix socket. */
export interface Place {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
}

/**
 * Checks a place.
 *
 * @param minPort 0 where the system may choose one
 * @throws ConnectionError `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; `ERR_INVALID_ARG_VALUE` for a path beside a host or port
 */
export function expectPlace({ host, port, path }: Place, minPort: number): void {
  if (path === undefined) {
    expectString("host", host);
    expectInteger("port", port, minPort, 65_535);
    return;
  }
  expectString("path", path);
  if (path === "") throw new ConnectionError("ERR_INVALID_ARG_VALUE", "path: expected a name, got an empty one");
  if (host === undefined && port === undefined) return;
  const got = host === undefined ? "a port" : "a host";
  throw new ConnectionError("ERR_INVALID_ARG_VALUE", `path: expected neither host nor port beside it, got ${got}`);
}

/** How errors name a place. */
export function nameOf({ host, port, path }: Place): string {
  return path ?? `${host}:${port}`;
}

/** The endpoints that a checked place stands for, best first. @throws ConnectionError `ERR_HOST_UNRESOLVED` */
export async function endpointsAt(place: Place, resolver: Resolver = systemResolver): Promise<readonly Endpoint[]> {
  const { host, port, path } = place;
  if (path !== undefined) return [{ path }];
  const found = await resolveHost(host!, resolver);
  return found.map(({ address, family }) => ({ address, family, port: port! }));
}
