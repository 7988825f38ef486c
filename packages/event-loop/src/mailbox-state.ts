import { EventLoopError } from "./errors.js";

/** Places of the shared 32-bit numbers. */
const RUNG = 0;
const USERS = 1;
const CLOSED = 2;
const WORDS = 3;

/**
 * What a mailbox and its posters share, changed by atomic operations alone: whether the bell rings already, how many
 * threads are about to use the bell's handle, and whether that handle is still theirs to use.
 */
export class MailboxState {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  get closed(): boolean {
    return Atomics.load(this.#words, CLOSED) !== 0;
  }

  /** Whether the caller is to ring: nobody has since the last ring was answered. */
  takeRing(): boolean {
    return Atomics.exchange(this.#words, RUNG, 1) === 0;
  }

  /** The ring was answered, or did not come about: whoever posts next rings anew. */
  clearRing(): void {
    Atomics.store(this.#words, RUNG, 0);
  }

  /** Holds the handle open until `leave`. False when it is closed, or about to be. */
  enter(): boolean {
    // Counted before the flag is read, as the closer sets the flag before it counts: one of them sees the other.
    Atomics.add(this.#words, USERS, 1);
    if (!this.closed) return true;
    this.leave();
    return false;
  }

  leave(): void {
    Atomics.sub(this.#words, USERS, 1);
    if (this.closed) Atomics.notify(this.#words, USERS);
  }

  /**
   * Lets nobody enter any more and waits until nobody is inside. False when somebody still was after `limitMs`
   * milliseconds: a thread that was terminated there never leaves.
   */
  close(limitMs: number): boolean {
    Atomics.store(this.#words, CLOSED, 1);
    const deadline = performance.now() + limitMs;
    for (;;) {
      const users = Atomics.load(this.#words, USERS);
      if (users === 0) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, USERS, users, left);
    }
  }
}

export function mailboxClosed(): EventLoopError {
  return new EventLoopError("ERR_MAILBOX_CLOSED", "mailbox: expected an open one, got a closed one");
}
