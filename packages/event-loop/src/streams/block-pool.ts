import { NativeMemory } from "@p2pnet/sys";

/** Bytes of one block: what the field measured as the size up to which copying beats gathering. */
export const BLOCK_BYTES = 16_384;
/** Blocks kept for reuse; more are left to the garbage collector. */
const KEPT = 64;

/**
 * Blocks of memory for bytes that wait to be sent. A stream holds one only while something waits, so that idle
 * connections hold none, and the block used last, still in the cache, is used next.
 */
export class BlockPool {
  readonly #free: NativeMemory[] = [];

  take(): NativeMemory {
    return this.#free.pop() ?? new NativeMemory(BLOCK_BYTES);
  }

  give(block: NativeMemory): void {
    if (this.#free.length < KEPT) this.#free.push(block);
  }
}
