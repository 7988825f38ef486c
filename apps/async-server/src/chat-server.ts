import type { MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { ChatRoom } from "./chat-room.js";
import { serveClients } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Relays every message to all other clients. Ends, and throws, as `serveClients`. */
export async function serveChat(options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  await serveClients(options, log, stop, chatting(new ChatRoom(), log, options.quiet));
}

/** Looks after each client that comes. */
export function chatting(room: ChatRoom, log: ServerLog, quiet: boolean): (peer: MessageConnection) => void {
  return (peer) => welcome(peer, room, log, quiet);
}

function welcome(peer: MessageConnection, room: ChatRoom, log: ServerLog, quiet: boolean): void {
  const client = log.clientConnected(peer.remoteAddress!);
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
