import { type ListenOptions, listen, type MessageConnection } from "@p2pnet/connection";
import { EventLoop } from "@p2pnet/event-loop";
import type { SecurePeer } from "@p2pnet/secure";
import type { ServerArguments } from "./arguments.js";
import { openMetrics } from "./metrics-port.js";
import type { Security } from "./security.js";
import type { ServerLog } from "./server-log.js";

/** Handshakes that may fail from an address before it is kept away. Who is let in tries once or twice. */
const FAILURES_PER_ADDRESS = 20;

/** Looks after a client that has come. Messages are borrowed: valid during the call only. */
export type Welcome = (peer: MessageConnection, client: number) => void;

/**
 * Serves all clients at once, on one event loop, until `stop` is aborted: then it stops accepting, flushes and closes.
 * `welcome` looks after each client that comes, under its number; messages are borrowed, and valid during the call only.
 *
 * @param security null for plain text
 * @throws SystemError, ConnectionError and EventLoopError as `listen` and `new EventLoop`; MetricsPortError
 */
export async function serveClients(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  security: Security | null,
  welcome: Welcome,
): Promise<void> {
  const loop = openLoop(options);
  try {
    const settings = { ...listenOptions(options, security), loop, signal: stop };
    const server = await listen(settings, (peer) => welcome(peer, clientOf(peer, log)));
    let failure: Error | undefined;
    server.onError = (error) => {
      failure = error;
      log.serverError(error);
    };
    stop.addEventListener("abort", () => void server.close(), { once: true });
    await using metrics = await openMetrics(server, options);
    log.listening(server.address, loop.backend);
    if (security !== null) log.secured(security.identity, security.allowed?.length ?? null);
    log.started(loop.size);
    if (metrics !== null) log.metrics(metrics.address);
    await loop.run();
    if (!stop.aborted) throw failure; // The listening socket itself has failed.
  } finally {
    loop.close();
  }
}

/** @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` */
export function openLoop({ backend }: ServerArguments): EventLoop {
  return new EventLoop(backend === "auto" ? {} : { backend });
}

/** Where and how every server of this program listens. */
export function listenOptions(options: ServerArguments, security: Security | null): ListenOptions<SecurePeer | null> {
  const { host, port, maxConnections, idleTimeout } = options;
  const secured =
    security === null ? {} : { upgrade: security.upgrade, handshakeFailuresPerAddress: FAILURES_PER_ADDRESS };
  return { host, port, maxConnections, idleTimeoutMs: idleTimeout, borrow: true, ...secured };
}

/** The number of a client that has come. */
export function clientOf(peer: MessageConnection<SecurePeer | null>, log: ServerLog): number {
  return log.clientConnected(peer.remoteAddress!, peer.remotePeer);
}
