import { unlessAborted } from "./abort.js";
import { type ConnectionOptions, connectionLimits, MAX_TIMEOUT_MS } from "./connection-options.js";
import { endpointsAt, expectPlace, nameOf } from "./endpoint.js";
import { ConnectionError, expectNumber } from "./errors.js";
import { MessageConnection } from "./message-connection.js";
import type { Resolver } from "./resolve.js";
import { chooseTransport, expectTransport, type TransportOptions } from "./transports/choose.js";
import type { Endpoint, Link, Transport } from "./transports/transport.js";

/** How to connect, wherever it is to. */
export interface ConnectSettings extends ConnectionOptions, TransportOptions {
  /** All attempts together, name resolution included: `ERR_CONNECT_TIMEOUT`. Default 10,000 milliseconds. */
  readonly connectTimeoutMs?: number;
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

export type ConnectOptions = ConnectSettings & (TcpTarget | UnixTarget);

/**
 * Connects to the first address of `host` that answers, or to a Unix socket.
 *
 * @throws ConnectionError `ERR_CONNECT_TIMEOUT`, `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE`; SystemError of the last attempt (`ECONNREFUSED`, ...); FfiUnavailableError `ERR_FFI_UNAVAILABLE`;
 * the signal's reason
 */
export async function connect(options: ConnectOptions): Promise<MessageConnection> {
  const { signal } = options;
  expectPlace(options, 1);
  connectionLimits(options);
  const timeoutMs = expectNumber("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1, MAX_TIMEOUT_MS);
  expectTransport(options);
  signal?.throwIfAborted();

  const transport = chooseTransport(options);
  const attempt = new AbortController();
  const onAbort = (): void => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const deadline = transport.timers.set(timeoutMs, () => {
    const message = `connect: expected ${nameOf(options)} to answer within ${timeoutMs} ms, got nothing`;
    attempt.abort(new ConnectionError("ERR_CONNECT_TIMEOUT", message));
  });
  try {
    const endpoints = await unlessAborted(endpointsAt(options, options.resolver), attempt.signal);
    const link = await firstToAnswer(transport, endpoints, attempt.signal);
    return connectionOver(transport, link, options);
  } finally {
    deadline.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A connection over a link, which it owns. */
export function connectionOver(
  transport: Transport,
  { stream, localAddress, remoteAddress }: Link,
  options: ConnectionOptions,
  onEnded: () => void = () => {},
): MessageConnection {
  const context = { transport: transport.name, timers: transport.timers, localAddress, remoteAddress, onEnded };
  return new MessageConnection(stream, options, context);
}

async function firstToAnswer(transport: Transport, endpoints: readonly Endpoint[], signal: AbortSignal): Promise<Link> {
  let lastError: unknown;
  for (const endpoint of endpoints) {
    try {
      return await transport.connect(endpoint, signal);
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}
