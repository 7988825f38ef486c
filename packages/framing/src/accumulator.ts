import { copyBytes } from "./copy-bytes.js";

/** The first buffer has at least this many bytes, so that a frame that trickles in is not copied at every byte. */
const FIRST_CAPACITY = 256;

const NOTHING = new Uint8Array(0);

/**
 * Collects a known number of bytes as they come, in memory that follows what has arrived and not what was promised:
 * at most twice the bytes received (or 256), and never more than the limit.
 */
export class Accumulator {
  /** How many bytes are expected. */
  readonly limit: number;
  #memory: Uint8Array = NOTHING;
  #length = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes of memory held now. */
  get capacity(): number {
    return this.#memory.length;
  }

  /** Bytes received so far. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes are still to come. */
  get missing(): number {
    return this.limit - this.#length;
  }

  /** Adds the bytes from `start` to before `end`, at most as many as are missing. */
  append(source: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#memory.length) {
      const larger = new Uint8Array(Math.min(this.limit, Math.max(FIRST_CAPACITY, 2 * length)));
      copyBytes(this.#memory, 0, this.#length, larger, 0);
      this.#memory = larger;
    }
    copyBytes(source, start, end, this.#memory, this.#length);
    this.#length = length;
  }

  /** All the bytes, once none is missing, in a buffer of exactly their size. */
  take(): Uint8Array {
    return this.#memory;
  }
}
