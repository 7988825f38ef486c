import { listen, type MessageConnection } from "@p2pnet/connection";
import { EventLoop } from "@p2pnet/event-loop";
import type { SecurePeer } from "@p2pnet/secure";
import type { ServerArguments } from "./arguments.js";
import type { Security } from "./security.js";
import type { ServerLog } from "./server-log.js";

/**
 * Serves all clients at once, on one event loop, until `stop` is aborted: then it stops accepting, flushes and closes.
 * `welcome` looks after each client that comes, under its number; messages are borrowed, and valid during the call only.
 *
 * @param security null for plain text
 * @throws SystemError, ConnectionError and EventLoopError as `listen` and `new EventLoop`
 */
export async function serveClients(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  security: Security | null,
  welcome: (peer: MessageConnection, client: number) => void,
): Promise<void> {
  const { host, port, backend, maxConnections, idleTimeout } = options;
  const loop = new EventLoop(backend === "auto" ? {} : { backend });
  try {
    const upgrade = security === null ? {} : { upgrade: security.upgrade };
    const server = await listen<SecurePeer | null>(
      { host, port, maxConnections, idleTimeoutMs: idleTimeout, borrow: true, loop, signal: stop, ...upgrade },
      (peer) => welcome(peer, log.clientConnected(peer.remoteAddress!, peer.remotePeer)),
    );
    let failure: Error | undefined;
    server.onError = (error) => {
      failure = error;
      log.serverError(error);
    };
    stop.addEventListener("abort", () => void server.close(), { once: true });
    log.listening(server.address, loop.backend);
    if (security !== null) log.secured(security.identity, security.allowed?.length ?? null);
    log.started(loop.size);
    await loop.run();
    if (!stop.aborted) throw failure; // The listening socket itself has failed.
  } finally {
    loop.close();
  }
}
