import { NativeMemory } from "@p2pnet/sys";

/** Part of a piece of native memory, for bytes that wait to be sent. */
export interface Block {
  readonly memory: NativeMemory;
  /** Where the block starts in its memory, and how many bytes it has. */
  readonly offset: number;
  readonly size: number;
}

/** Enough for what a connection usually says in one turn. Many of them share a few pages of memory. */
const SMALL_BYTES = 1024;
/** What was measured as the size up to which copying beats gathering. */
const LARGE_BYTES = 16_384;
const SLAB_BYTES = 65_536;
/** Free blocks kept for reuse, of each size; more are left to the garbage collector. */
const KEPT_SMALL = 1024;
const KEPT_LARGE = 64;

/**
 * Memory for bytes that wait to be sent. A stream holds blocks only while something waits, so that idle connections hold
 * none, and the block used last, still in the processor's cache, is used next.
 */
export class BlockPool {
  readonly #small: Block[] = [];
  readonly #large: Block[] = [];

  /** A block of unspecified contents; a small one if it is to hold no more than `length` bytes for now. */
  take(length: number): Block {
    if (length > SMALL_BYTES)
      return this.#large.pop() ?? { memory: new NativeMemory(LARGE_BYTES), offset: 0, size: LARGE_BYTES };
    if (this.#small.length === 0) this.#cutSlab();
    return this.#small.pop()!;
  }

  give(block: Block): void {
    const small = block.size === SMALL_BYTES;
    const free = small ? this.#small : this.#large;
    if (free.length < (small ? KEPT_SMALL : KEPT_LARGE)) free.push(block);
  }

  #cutSlab(): void {
    const memory = new NativeMemory(SLAB_BYTES);
    for (let offset = SLAB_BYTES - SMALL_BYTES; offset >= 0; offset -= SMALL_BYTES) {
      this.#small.push({ memory, offset, size: SMALL_BYTES });
    }
  }
}
