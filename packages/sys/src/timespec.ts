import type { Layouts } from "./layouts/layouts.js";
import { NativeMemory } from "./memory.js";

/** A `struct timespec` for calls that wait. Source: <time.h>. */
export class Timespec {
  readonly #memory: NativeMemory;
  readonly #words: Int32Array;
  readonly #seconds: number;
  readonly #nanoseconds: number;

  constructor(layouts: Layouts) {
    const { size, fields } = layouts.timespec!;
    this.#memory = new NativeMemory(size);
    this.#words = new Int32Array(this.#memory.bytes.buffer);
    this.#seconds = fields.tv_sec.offset / 4;
    this.#nanoseconds = fields.tv_nsec.offset / 4;
  }

  /** The struct's own, whatever it holds. */
  get address(): number {
    return this.#memory.address;
  }

  /** The struct's address, or 0 for -1, which waits for ever. At most 2^31 seconds: the low words hold them. */
  set(timeoutMs: number): number {
    if (timeoutMs < 0) return 0;
    const seconds = Math.trunc(timeoutMs / 1000);
    this.#words[this.#seconds] = seconds;
    this.#words[this.#nanoseconds] = Math.trunc((timeoutMs - seconds * 1000) * 1_000_000);
    return this.#memory.address;
  }
}
