import { broadcast, type MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { ChatRoom } from "./chat-room.js";
import { serveClients } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Relays every message to all other clients. Ends, and throws, as `serveClients`. */
export async function serveChat(options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  const room = new ChatRoom<MessageConnection>();
  await serveClients(options, log, stop, (peer) => welcome(peer, room, log, options.quiet));
}

function welcome(peer: MessageConnection, room: ChatRoom<MessageConnection>, log: ServerLog, quiet: boolean): void {
  const client = log.clientConnected(peer.remoteAddress!);
  room.enter(peer);
  peer.onMessage = (message) => {
    const { length } = message;
    if (!quiet) log.received(client, message);
    const { sent } = broadcast(room.members, message, { except: peer });
    room.spoken();
    log.totals.served(length);
    if (!quiet) log.relayed(client, length, sent);
  };
  peer.onClose = (error) => {
    room.leave(peer);
    log.clientGone(client, error);
  };
}
