import { patterned } from "../frames.js";
import type { Desk } from "./desk.js";
import type { Peer } from "./peer.js";

export const CALLBACKS = ["onConnection", "onMessage", "onDrain", "onEnd", "onClose"] as const;
export const WAYS = ["close", "abort"] as const;

/** More than the high-water mark, so that there will be a drain. */
const BURST_BYTES = 1024 * 1024;

/** Ends each connection from within another callback, and in another way, in turn; echoes until then. */
export function endInCallbacks(peer: Peer, desk: Desk): void {
  const turn = desk.accepted % (CALLBACKS.length * WAYS.length);
  const callback = CALLBACKS[turn % CALLBACKS.length]!;
  const way = WAYS[Math.floor(turn / CALLBACKS.length)]!;
  let closed = false;
  let burst = callback === "onDrain" ? patterned(BURST_BYTES) : null;

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
    if (burst !== null) peer.send(burst);
    burst = null;
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
