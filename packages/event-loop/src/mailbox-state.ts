import { EventLoopError } from "./errors.js";

/** Places of the shared 32-bit numbers. */
const ANSWERED = 0;
const RUNG = 1;
const USERS = 2;
const CLOSED = 3;
const WORDS = 4;

/**
 * What a mailbox shares with the thread that has one of its addresses, changed by atomic operations alone: which ring was
 * answered last, which was rung, whether the thread is using the bell's handle, and whether it still may.
 *
 * A thread may be terminated anywhere. So a ring counts as rung only when it was: whoever died before leaves it due.
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

  /** The ring that is due, or null when it was rung and nobody has answered it yet. */
  ringDue(): number | null {
    const due = (Atomics.load(this.#words, ANSWERED) + 1) | 0;
    return Atomics.load(this.#words, RUNG) === due ? null : due;
  }

  rung(ring: number): void {
    Atomics.store(this.#words, RUNG, ring);
  }

  /** What is posted from here on rings anew. */
  answer(): void {
    Atomics.add(this.#words, ANSWERED, 1);
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

  /** Nobody is inside. */
  get left(): boolean {
    return Atomics.load(this.#words, USERS) === 0;
  }

  /** Lets nobody enter any more. */
  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
  }

  /**
   * Waits until nobody is inside of what was closed. False when somebody still is at `deadline`, a time of
   * `performance.now()`: a thread that was terminated there never leaves.
   */
  waitUntilLeft(deadline: number): boolean {
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
