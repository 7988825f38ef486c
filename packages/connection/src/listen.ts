import { unlessAborted } from "./abort.js";
import { admissionLimits } from "./admission.js";
import { connectionLimits } from "./connection-options.js";
import { endpointsAt, expectPlace, type Place } from "./endpoint.js";
import { ConnectionError, expectFunction, expectInteger, expectOptionalFunction } from "./errors.js";
import type { Resolver } from "./resolve.js";
import { type ConnectionHandler, Server, type ServerOptions } from "./server.js";
import { chooseTransport, expectTransport, type TransportOptions } from "./transports/choose.js";
import type { Transport } from "./transports/transport.js";
import { handshakeTimeout } from "./upgrade.js";

export interface ListenOptions<P = unknown> extends ServerOptions<P>, TransportOptions {
  /** A local address or a name for one. Default "127.0.0.1": this machine only. */
  readonly host?: string;
  /** 0 lets the system choose; see `server.address.port`. Default 0. */
  readonly port?: number;
  /**
   * Instead of host and port: the path of a Unix socket. One that a server has left behind is replaced, one that is served is
   * not. A name that begins with "\0" is one of Linux's abstract ones.
   */
  readonly path?: string;
  /** Connections that wait to be accepted; the system may cap it. Default 4,096. */
  readonly backlog?: number;
  /** Several servers of one user share the port, and the system spreads peers over them. Not on Windows. Default false. */
  readonly reusePort?: boolean;
  /** false: an IPv6 address such as "::" takes IPv4 peers too, as `::ffff:a.b.c.d`. Default true. */
  readonly ipv6Only?: boolean;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly resolver?: Resolver;
}

/**
 * Listens, and calls `onConnection` for every peer.
 *
 * @throws SystemError `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ...; ConnectionError `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`,
 * `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`; FfiUnavailableError `ERR_FFI_UNAVAILABLE`; the signal's reason
 */
export async function listen<P = null>(
  options: ListenOptions<P>,
  onConnection: ConnectionHandler<P>,
): Promise<Server<P>> {
  return listenOver(chooseTransport, options, onConnection);
}

/** `listen`, over the transport that `choose` makes of checked options. */
export async function listenOver<P>(
  choose: (options: TransportOptions) => Transport,
  options: ListenOptions<P>,
  onConnection: ConnectionHandler<P>,
): Promise<Server<P>> {
  const { backlog = 4096, reusePort = false, ipv6Only = true, signal } = options;
  const place = placeOf(options);
  expectInteger("backlog", backlog, 0, 0x7fffffff);
  connectionLimits(options);
  admissionLimits(options);
  handshakeTimeout(options);
  expectOptionalFunction("resolver", options.resolver);
  expectFunction("onConnection", onConnection);
  expectTransport(options);
  signal?.throwIfAborted();
  const transport = choose(options);
  const resolving = endpointsAt(place, options.resolver);
  const [best] = await (signal === undefined ? resolving : unlessAborted(resolving, signal));
  const server = await Server.open(transport, best!, { backlog, reusePort, ipv6Only }, options, onConnection);
  if (signal?.aborted) {
    await server.close({ deadlineMs: 0 });
    throw signal.reason;
  }
  return server;
}

/** Options that mean something for ports only. */
const OF_PORTS = [
  "reusePort",
  "ipv6Only",
  "maxConnectionsPerAddress",
  "acceptRatePerAddress",
  "handshakeFailuresPerAddress",
] as const;

function placeOf(options: ListenOptions): Place {
  const { host, port, path } = options;
  const place = path === undefined ? { host: host ?? "127.0.0.1", port: port ?? 0 } : { host, port, path };
  expectPlace(place, 0);
  const got = path === undefined ? undefined : OF_PORTS.find((name) => options[name] !== undefined);
  if (got === undefined) return place;
  throw new ConnectionError("ERR_INVALID_ARG_VALUE", `path: expected no option of ports beside it, got ${got}`);
}
