import type { ReadyList, Watched } from "../../backend.js";
import { FAILED, HANGUP, type Interest, READABLE, type Ready, WRITABLE } from "../../interest.js";
import { Operation } from "./operation.js";

/** Asks once whether a watch is ready. Asked again before the next wait, it is level-triggered. */
export class PollOperation extends Operation {
  readonly #again: (operation: PollOperation) => void;
  /** Null once nobody is to be told any more. */
  watched: Watched | null;
  /** Whether it is on the list of those that are to be asked. */
  queued = false;

  /** @param again called when it was told, and is to be asked anew */
  constructor(watched: Watched, again: (operation: PollOperation) => void) {
    super();
    this.watched = watched;
    this.#again = again;
  }

  override report(ready: ReadyList, result: number): void {
    if (this.watched === null) return;
    this.#again(this);
    if (result !== 0) ready.push(this.watched, toReady(result));
  }

  /** Never: whoever watches is told instead. */
  override complete(): void {}
}

// POLLIN 1, POLLOUT 4, POLLERR 8, POLLHUP 0x10 (<poll.h>): literals, because these two run per event.
export function toEvents(interest: Interest): number {
  return (interest & READABLE ? 1 : 0) | (interest & WRITABLE ? 4 : 0);
}

function toReady(result: number): Ready {
  // The handle was closed behind the loop's back: the next call on it says EBADF.
  if (result < 0) return FAILED | READABLE | WRITABLE;
  return (
    (result & 1 ? READABLE : 0) | (result & 4 ? WRITABLE : 0) | (result & 8 ? FAILED : 0) | (result & 16 ? HANGUP : 0)
  );
}
