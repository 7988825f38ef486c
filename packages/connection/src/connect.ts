import { defaultLoop, type EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { unlessAborted } from "./abort.js";
import { type ConnectionOptions, connectionLimits, MAX_TIMEOUT_MS } from "./connection-options.js";
import { ConnectionError, expectInteger, expectNumber, expectString } from "./errors.js";
import { MessageConnection } from "./message-connection.js";
import { type ResolvedAddress, type Resolver, resolveHost, systemResolver } from "./resolve.js";

export interface ConnectOptions extends ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** All attempts together, name resolution included: `ERR_CONNECT_TIMEOUT`. Default 10,000 milliseconds. */
  readonly connectTimeoutMs?: number;
  /** Gives the attempt up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Default: the thread's default loop. */
  readonly loop?: EventLoop;
  /** Default: the system's. */
  readonly resolver?: Resolver;
}

/**
 * Connects to the first address of `host` that answers.
 *
 * @throws ConnectionError `ERR_CONNECT_TIMEOUT`, `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`;
 * SystemError of the last attempt (`ECONNREFUSED`, ...); the signal's reason
 */
export async function connect(options: ConnectOptions): Promise<MessageConnection> {
  const { host, port, signal, loop = defaultLoop(), resolver = systemResolver } = options;
  expectString("host", host);
  expectInteger("port", port, 1, 65_535);
  connectionLimits(options);
  const timeoutMs = expectNumber("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 1, MAX_TIMEOUT_MS);
  signal?.throwIfAborted();

  const attempt = new AbortController();
  const onAbort = (): void => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const deadline = loop.timers.set(timeoutMs, () => {
    const message = `connect: expected ${host}:${port} to answer within ${timeoutMs} ms, got nothing`;
    attempt.abort(new ConnectionError("ERR_CONNECT_TIMEOUT", message));
  });
  try {
    const addresses = await unlessAborted(resolveHost(host, resolver), attempt.signal);
    const socket = await firstToAnswer(loop, addresses, port, attempt.signal);
    return connectionOver(loop, socket, options);
  } finally {
    deadline.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A connection over a connected socket, which it owns, and closes if it throws. @throws SystemError `ECONNRESET` */
export function connectionOver(
  loop: EventLoop,
  socket: Socket,
  options: ConnectionOptions,
  onEnded: () => void = () => {},
): MessageConnection {
  try {
    const { localAddress, remoteAddress } = socket;
    socket.options.noDelay = true;
    const context = { timers: loop.timers, localAddress, remoteAddress, onEnded };
    return new MessageConnection(loop.stream(socket), options, context);
  } catch (error) {
    // A peer that has reset already has no address any more: the reset is what went wrong.
    const reset = socket.closed ? null : socket.takeError();
    socket.close();
    throw reset ?? error;
  }
}

async function firstToAnswer(
  loop: EventLoop,
  addresses: readonly ResolvedAddress[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  let lastError: unknown;
  for (const address of addresses) {
    try {
      return await connectSocket(loop, address, port, signal);
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}

async function connectSocket(
  loop: EventLoop,
  { address, family }: ResolvedAddress,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const socket = Socket.open("tcp", { family });
  try {
    await unlessAborted(
      new Promise<void>((resolve, reject) => {
        loop.connect(socket, { address, port }, { onConnect: resolve, onError: reject });
      }),
      signal,
    );
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
