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

/** Looks after each client that comes. All share their handlers but for `onClose`: an idle one costs next to nothing. */
export function echoing(log: ServerLog, quiet: boolean): Welcome {
  const echo = echoCounted(log);
  return (peer, client) => {
    peer.onMessage = quiet ? echo : echoAndTell(echo, log, client);
    peer.onDrain = resume;
    peer.onClose = (error) => log.clientGone(client, error);
  };
}

/** Handles the messages of any connection: that is `this`. */
type SharedHandler = (this: MessageConnection, message: Uint8Array) => void;

/** The hot path: nothing is built and nothing is asked that an echo does not need. */
function echoCounted({ totals }: ServerLog): SharedHandler {
  return function (message) {
    totals.served(message.length);
    if (!this.send(sendable(message))) this.pause();
  };
}

function echoAndTell(echo: SharedHandler, log: ServerLog, client: number): SharedHandler {
  return function (message) {
    const { length } = message;
    log.received(client, message);
    echo.call(this, message);
    log.sent(client, length);
  };
}

function resume(this: MessageConnection): void {
  this.resume();
}

/** Received messages are borrowed, and valid during the call only: what `send` would keep has to be copied. */
function sendable(message: Uint8Array): Uint8Array {
  return message.length <= COPIED_WRITE_BYTES ? message : message.slice();
}
