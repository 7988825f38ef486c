import { systemResolver } from "@p2pnet/connection";
import { Socket } from "@p2pnet/socket";
import type { ServerArguments } from "./arguments.js";
import { BlockingClient, nodeTurn, SLICE_MS } from "./blocking-client.js";
import type { ServerLog } from "./server-log.js";

/**
 * The old server: accepts a client, serves it until it leaves, then accepts the next, until `stop` is aborted. It waits
 * inside system calls, in slices, and lets Node run between them, so that signals work.
 *
 * @throws SystemError as `socket.bind` and `socket.listen`; the resolver's error for a host without an address
 */
export async function serveBlocking(options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  const listener = await openListener(options.host, options.port);
  try {
    log.listening(listener.localAddress, "blocking");
    await nodeTurn(); // Node only hears signals once its own loop has run.
    while (!stop.aborted) {
      const socket = listener.accept();
      if (socket === null) await nodeTurn();
      else await serveClient(socket, options, log, stop);
    }
  } finally {
    listener.close();
  }
}

async function openListener(host: string, port: number): Promise<Socket> {
  const [best] = await systemResolver(host);
  const { address, family } = best!;
  const listener = Socket.open("tcp", { family });
  try {
    listener.options.reuseAddress = true;
    listener.bind({ address, port });
    listener.listen();
    listener.setNonBlocking(false);
    listener.options.receiveTimeoutMs = SLICE_MS;
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

async function serveClient(socket: Socket, options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  let number: number | null = null;
  try {
    const client = new BlockingClient(socket, options.idleTimeout, stop);
    number = log.clientConnected(socket.remoteAddress);
    for (let message = await client.receive(); message !== null; message = await client.receive()) {
      if (!options.quiet) log.received(number, message);
      await client.send(message);
      log.totals.served(message.length);
      if (!options.quiet) log.sent(number, message.length);
    }
    await client.finish();
    socket.close();
    log.clientGone(number);
  } catch (error) {
    socket.abort();
    if (!(error instanceof Error && "code" in error)) throw error;
    if (number !== null) log.clientGone(number, error); // Else the peer has reset before it was its turn.
  }
}
