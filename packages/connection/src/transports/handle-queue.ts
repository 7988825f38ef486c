/** Handles that may wait for a worker. More stay in the system's queue, or go to another. */
const SLOTS = 1_024;
const EMPTY = 0;

/**
 * Handles of sockets on their way to one worker, in shared memory. A handle belongs to whoever takes it out: that is one
 * thread only, so that it is neither closed twice nor left open, whichever thread ends or closes meanwhile. One thread puts,
 * and one takes in order; any may drain.
 */
export class HandleQueue {
  readonly shared: SharedArrayBuffer;
  readonly #slots: Int32Array;
  /** Of this thread, which only puts or only takes. */
  #next = 0;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#slots = new Int32Array(shared);
  }

  get hasRoom(): boolean {
    return Atomics.load(this.#slots, this.#next) === EMPTY;
  }

  /** Only if it has room. */
  put(handle: number): void {
    // One more, so that 0 is free to mean none; Windows has handles of 32 bits.
    Atomics.store(this.#slots, this.#next, (handle + 1) | 0);
    this.#next = (this.#next + 1) % SLOTS;
  }

  /** Null if there is none, or it was drained. */
  take(): number | null {
    const handle = this.#takeOut(this.#next);
    if (handle !== null) this.#next = (this.#next + 1) % SLOTS;
    return handle;
  }

  /** What was put last; null if somebody has it. Nothing is put after that. */
  takeBack(): number | null {
    return this.#takeOut((this.#next + SLOTS - 1) % SLOTS);
  }

  /** Takes out all. Nothing is put or taken in order after that. */
  drain(): number[] {
    const handles: number[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const handle = this.#takeOut(slot);
      if (handle !== null) handles.push(handle);
    }
    return handles;
  }

  #takeOut(slot: number): number | null {
    const value = Atomics.exchange(this.#slots, slot, EMPTY);
    return value === EMPTY ? null : (value >>> 0) - 1;
  }
}
