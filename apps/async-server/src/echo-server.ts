import { COPIED_WRITE_BYTES, listen, type MessageConnection } from "@p2pnet/connection";
import { EventLoop } from "@p2pnet/event-loop";
import type { ServerArguments } from "./arguments.js";
import type { ServerLog } from "./server-log.js";

/**
 * Serves all clients at once, on one event loop, until `stop` is aborted: then it stops accepting, flushes and closes.
 *
 * @throws SystemError, ConnectionError and EventLoopError as `listen` and `new EventLoop`
 */
export async function serveEcho(options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  const { host, port, backend, maxConnections, idleTimeout } = options;
  const loop = new EventLoop(backend === "auto" ? {} : { backend });
  try {
    const server = await listen(
      { host, port, maxConnections, idleTimeoutMs: idleTimeout, borrow: true, loop, signal: stop },
      (peer) => welcome(peer, log, options.quiet),
    );
    let failure: Error | undefined;
    server.onError = (error) => {
      failure = error;
      log.serverError(error);
    };
    stop.addEventListener("abort", () => void server.close(), { once: true });
    log.listening(server.address, loop.backend);
    log.started(loop.size);
    await loop.run();
    if (!stop.aborted) throw failure; // The listening socket itself has failed.
  } finally {
    loop.close();
  }
}

function welcome(peer: MessageConnection, log: ServerLog, quiet: boolean): void {
  const client = log.clientConnected(peer.remoteAddress!);
  peer.onMessage = quiet ? echo(peer, log) : echoAndTell(peer, log, client);
  peer.onDrain = () => peer.resume();
  peer.onClose = (error) => log.clientGone(client, error);
}

/** The hot path: nothing is built and nothing is asked that an echo does not need. */
function echo(peer: MessageConnection, { totals }: ServerLog): (message: Uint8Array) => void {
  return (message) => {
    totals.echoed(message.length);
    if (!peer.send(sendable(message))) peer.pause();
  };
}

function echoAndTell(peer: MessageConnection, log: ServerLog, client: number): (message: Uint8Array) => void {
  const echoQuietly = echo(peer, log);
  return (message) => {
    const { length } = message;
    log.received(client, message);
    echoQuietly(message);
    log.sent(client, length);
  };
}

/** Received messages are borrowed, and valid during the call only: what `send` would keep has to be copied. */
function sendable(message: Uint8Array): Uint8Array {
  return message.length <= COPIED_WRITE_BYTES ? message : message.slice();
}
