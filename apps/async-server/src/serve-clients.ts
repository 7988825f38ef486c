import { type ListenOptions, listen, type MessageConnection } from "@p2pnet/connection";
import { EventLoop } from "@p2pnet/event-loop";
import type { ServerArguments } from "./arguments.js";
import { openMetrics } from "./metrics-port.js";
import type { ServerLog } from "./server-log.js";

/**
 * Serves all clients at once, on one event loop, until `stop` is aborted: then it stops accepting, flushes and closes.
 * `welcome` looks after each client that comes; messages are borrowed, and valid during the call only.
 *
 * @throws SystemError, ConnectionError and EventLoopError as `listen` and `new EventLoop`; MetricsPortError
 */
export async function serveClients(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  welcome: (peer: MessageConnection) => void,
): Promise<void> {
  const loop = openLoop(options);
  try {
    const server = await listen({ ...listenOptions(options), loop, signal: stop }, welcome);
    let failure: Error | undefined;
    server.onError = (error) => {
      failure = error;
      log.serverError(error);
    };
    stop.addEventListener("abort", () => void server.close(), { once: true });
    await using metrics = await openMetrics(server, options);
    log.listening(server.address, loop.backend);
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
export function listenOptions({ host, port, maxConnections, idleTimeout }: ServerArguments): ListenOptions<null> {
  return { host, port, maxConnections, idleTimeoutMs: idleTimeout, borrow: true };
}
