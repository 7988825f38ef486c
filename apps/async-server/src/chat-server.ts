import { broadcast, type MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { ChatRoom } from "./chat-room.js";
import { serveClients } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Sends a message of `from` to all others, who are `members` and perhaps more. To how many. */
export type Relay = (members: Iterable<MessageConnection>, message: Uint8Array, from: MessageConnection) => number;

const toMembers: Relay = (members, message, from) => broadcast(members, message, { except: from }).sent;

/** Relays every message to all other clients. Ends, and throws, as `serveClients`. */
export async function serveChat(options: ServerArguments, log: ServerLog, stop: AbortSignal): Promise<void> {
  await serveClients(options, log, stop, chatting(toMembers, log, options.quiet));
}

/** Looks after each client that comes, in one room. */
export function chatting(relay: Relay, log: ServerLog, quiet: boolean): (peer: MessageConnection) => void {
  const room = new ChatRoom<MessageConnection>();
  return (peer) => welcome(peer, room, relay, log, quiet);
}

function welcome(
  peer: MessageConnection,
  room: ChatRoom<MessageConnection>,
  relay: Relay,
  log: ServerLog,
  quiet: boolean,
): void {
  const client = log.clientConnected(peer.remoteAddress!);
  room.enter(peer);
  peer.onMessage = (message) => {
    const { length } = message;
    if (!quiet) log.received(client, message);
    const sent = relay(room.members, message, peer);
    room.spoken();
    log.totals.served(length);
    if (!quiet) log.relayed(client, length, sent);
  };
  peer.onClose = (error) => {
    room.leave(peer);
    log.clientGone(client, error);
  };
}
