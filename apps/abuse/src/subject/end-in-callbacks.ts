import { patterned } from "../frames.js";
import type { Desk } from "./desk.js";
import type { Peer } from "./peer.js";

export const CALLBACKS = ["onConnection", "onMessage", "onDrain", "onEnd", "onClose"] as const;
export const WAYS = ["close", "abort"] as const;

/** More than the system takes while the client does not read, so that there will be a drain. */
const BURST_MESSAGES = 8;
const BURST: Uint8Array = patterned(1024 * 1024);

/** Ends each connection from within another callback, and in another way, in turn; echoes until then. */
export function endInCallbacks(peer: Peer, desk: Desk): void {
  const turn = desk.accepted % (CALLBACKS.length * WAYS.length);
  const callback = CALLBACKS[turn % CALLBACKS.length]!;
  const way = WAYS[Math.floor(turn / CALLBACKS.length)]!;
  let closed = false;
  let bursts = callback === "onDrain" ? BURST_MESSAGES : 0;

  const called = (name: string): void => {
    if (closed) desk.afterClose++;
    if (name !== callback) return;
    desk.endingFrom(`${callback}, ${way}`);
    if (way === "close") void peer.close();
    else peer.abort();
  };

  peer.onMessage = (message) => {
    desk.received(message);
    called("onMessage");
    if (!peer.open) return;
    peer.send(message);
    for (; bursts > 0; bursts--) peer.send(BURST);
  };
  peer.onDrain = () => called("onDrain");
  peer.onEnd = () => called("onEnd");
  const counted = peer.onClose;
  peer.onClose = (error) => {
    called("onClose");
    closed = true;
    counted?.(error);
  };
  called("onConnection");
}
