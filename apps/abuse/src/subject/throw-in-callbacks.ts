import { patterned } from "../frames.js";
import type { Desk } from "./desk.js";
import type { Peer } from "./peer.js";

export const THROWING_CALLBACKS = ["onConnection", "onMessage", "onDrain", "onEnd", "onClose"] as const;

/** More than the system takes while the client does not read, so that there will be a drain. */
const BURST_MESSAGES = 8;
const BURST: Uint8Array = patterned(1024 * 1024);

/** Echoes, and throws from within another callback of each connection in turn, when that has done its work. */
export function throwInCallbacks(peer: Peer, desk: Desk): void {
  const callback = THROWING_CALLBACKS[desk.accepted % THROWING_CALLBACKS.length]!;
  let bursts = callback === "onDrain" ? BURST_MESSAGES : 0;
  const called = (name: string): void => {
    if (name === callback) desk.throwFrom(name);
  };

  peer.onMessage = (message) => {
    desk.received(message);
    peer.send(message);
    for (; bursts > 0; bursts--) peer.send(BURST);
    called("onMessage");
  };
  peer.onDrain = () => called("onDrain");
  peer.onEnd = () => called("onEnd");
  const counted = peer.onClose;
  peer.onClose = (error) => {
    counted?.(error);
    called("onClose");
  };
  called("onConnection");
}
