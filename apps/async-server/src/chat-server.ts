import type { MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { ChatRoom } from "./chat-room.js";
import type { Security } from "./security.js";
import { serveClients } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Relays every message to all other clients. Ends, and throws, as `serveClients`. */
export async function serveChat(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  security: Security | null,
): Promise<void> {
  const room = new ChatRoom();
  await serveClients(options, log, stop, security, (peer, client) => welcome(peer, client, room, log, options.quiet));
}

function welcome(peer: MessageConnection, client: number, room: ChatRoom, log: ServerLog, quiet: boolean): void {
  room.enter(peer);
  peer.onMessage = (message) => {
    const { length } = message;
    if (!quiet) log.received(client, message);
    const sent = room.say(peer, message);
    log.totals.served(length);
    if (!quiet) log.relayed(client, length, sent);
  };
  peer.onClose = (error) => {
    room.leave(peer);
    log.clientGone(client, error);
  };
}
