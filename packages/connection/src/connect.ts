import type { ByteStream } from "@p2pnet/stream";
import { unlessAborted } from "./abort.js";
import { type ConnectionOptions, connectionLimits } from "./connection-options.js";
import { ConnectionProfile } from "./connection-profile.js";
import { endpointsAt, expectPlace, nameOf } from "./endpoint.js";
import { ConnectionError, expectOptionalFunction, expectTimeout } from "./errors.js";
import { firstToAnswer, interleaved } from "./happy-eyeballs.js";
import type { MessageConnection } from "./message-connection.js";
import { connectionOver } from "./over-link.js";
import type { Resolver } from "./resolve.js";
import { chooseTransport, expectTransport, type TransportOptions } from "./transports/choose.js";
import type { Link, Transport } from "./transports/transport.js";
import { handshakeTimeout, type UpgradeOptions, upgradeWithin } from "./upgrade.js";

/** How to connect, wherever it is to. */
export interface ConnectSettings<P = unknown> extends ConnectionOptions, TransportOptions, UpgradeOptions<P> {
  /** All attempts together, name resolution included: `ERR_CONNECT_TIMEOUT`. Default 10,000 milliseconds. */
  readonly connectTimeoutMs?: number;
  /**
   * How long an address has to answer before the next one is tried beside it. Default 250 milliseconds, and 10 at least
   * (RFC 8305, section 8).
   */
  readonly attemptDelayMs?: number;
  /** Gives the attempt up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly resolver?: Resolver;
}

/** A TCP port of a host. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  readonly path?: never;
}

/** A Unix socket. */
export interface UnixTarget {
  /** The path of a Unix socket. A name that begins with "\0" is one of Linux's abstract ones. */
  readonly path: string;
  readonly host?: never;
  readonly port?: never;
}

export type ConnectOptions<P = unknown> = ConnectSettings<P> & (TcpTarget | UnixTarget);

/**
 * Connects to the first address of `host` that answers (RFC 8305, "Happy Eyeballs": IPv6 and IPv4 in turn, the next address
 * beside one that does not answer soon), or to a Unix socket; then runs `upgrade`.
 *
 * @throws ConnectionError `ERR_CONNECT_TIMEOUT`, `ERR_HANDSHAKE_TIMEOUT`, `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE`; SystemError of the last attempt (`ECONNREFUSED`, ...); FfiUnavailableError `ERR_FFI_UNAVAILABLE`;
 * what `upgrade` rejects with; the signal's reason
 */
export async function connect<P = null>(options: ConnectOptions<P>): Promise<MessageConnection<P>> {
  const { signal } = options;
  expectPlace(options, 1);
  connectionLimits(options);
  expectTimeout("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1);
  expectTimeout("attemptDelayMs", options.attemptDelayMs ?? 250, 10);
  handshakeTimeout(options);
  expectOptionalFunction("resolver", options.resolver);
  expectTransport(options);
  signal?.throwIfAborted();

  const attempt = new AbortController();
  const onAbort = (): void => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const transport = chooseTransport(options);
    const link = await linkTo(options, transport, attempt);
    const { stream, peer } = await upgraded(options, transport, link, attempt);
    if (attempt.signal.aborted) {
      stream.abort();
      throw attempt.signal.reason;
    }
    const profile = new ConnectionProfile(options, { timers: transport.timers, transport: transport.name });
    return connectionOver<P>({ ...link, stream }, profile, peer);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function linkTo(options: ConnectOptions, transport: Transport, attempt: AbortController): Promise<Link> {
  const { connectTimeoutMs = 10_000, attemptDelayMs = 250, resolver } = options;
  const deadline = transport.timers.set(connectTimeoutMs, () => {
    const message = `connect: expected ${nameOf(options)} to answer within ${connectTimeoutMs} ms, got nothing`;
    attempt.abort(new ConnectionError("ERR_CONNECT_TIMEOUT", message));
  });
  try {
    const endpoints = await unlessAborted(endpointsAt(options, resolver), attempt.signal);
    return await firstToAnswer(transport, interleaved(endpoints), attemptDelayMs, attempt.signal);
  } finally {
    deadline.cancel();
  }
}

async function upgraded<P>(
  options: ConnectOptions<P>,
  transport: Transport,
  { stream }: Link,
  attempt: AbortController,
): Promise<{ stream: ByteStream; peer: P | undefined }> {
  const { upgrade } = options;
  if (upgrade === undefined) return { stream, peer: undefined };
  return upgradeWithin(handshakeTimeout(options), transport.timers, upgrade, stream, "initiator", attempt);
}
