import { broadcast, type MessageConnection } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { ChatRoom } from "./chat-room.js";
import type { Security } from "./security.js";
import { serveClients, type Welcome } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Sends a message of `from` to all others, who are `members` and perhaps more. To how many. */
export type Relay = (members: Iterable<MessageConnection>, message: Uint8Array, from: MessageConnection) => number;

const toMembers: Relay = (members, message, from) => broadcast(members, message, { except: from }).sent;

/** Relays every message to all other clients. Ends, and throws, as `serveClients`. */
export async function serveChat(
  options: ServerArguments,
  log: ServerLog,
  stop: AbortSignal,
  security: Security | null,
): Promise<void> {
  await serveClients(options, log, stop, security, chatting(toMembers, log, options.quiet));
}

/** Looks after each client that comes, in one room. */
export function chatting(relay: Relay, log: ServerLog, quiet: boolean): Welcome {
  const room = new ChatRoom<MessageConnection>();
  return (peer, client) => enter(peer, client, room, relay, log, quiet);
}

function enter(
  peer: MessageConnection,
  client: number,
  room: ChatRoom<MessageConnection>,
  relay: Relay,
  log: ServerLog,
  quiet: boolean,
): void {
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
