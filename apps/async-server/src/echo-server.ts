import { COPIED_WRITE_BYTES, type MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import type { Security } from "./security.js";
import { serveClients, type Welcome } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Sends every message back to who sent it. Ends, and throws, as `serveClients`. */
export async function serveEcho(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  security: Security | null,
): Promise<void> {
  await serveClients(options, log, stop, security, echoing(log, options.quiet));
}

/** Looks after each client that comes. */
export function echoing(log: ServerLog, quiet: boolean): Welcome {
  return (peer, client) => {
    peer.onMessage = quiet ? echo(peer, log) : echoAndTell(peer, log, client);
    peer.onDrain = () => peer.resume();
    peer.onClose = (error) => log.clientGone(client, error);
  };
}

/** The hot path: nothing is built and nothing is asked that an echo does not need. */
function echo(peer: MessageConnection, { totals }: ServerLog): (message: Uint8Array) => void {
  return (message) => {
    totals.served(message.length);
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
