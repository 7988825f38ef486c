import { ChatRoom } from "../../../async-server/src/chat-room.js";
import type { Desk } from "./desk.js";
import type { Peer } from "./peer.js";

const room = new ChatRoom<Peer>();

/** Relays each message to all others, in the room of `async-server --mode chat`. */
export function chat(peer: Peer, desk: Desk): void {
  room.enter(peer);
  peer.onMessage = (message) => {
    desk.received(message);
    for (const member of room.members) if (member !== peer && member.open) member.send(message);
    room.spoken();
  };
  const counted = peer.onClose;
  peer.onClose = (error) => {
    room.leave(peer);
    counted?.(error);
  };
}
