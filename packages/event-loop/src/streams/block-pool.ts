import { NativeMemory } from "@p2pnet/sys";

/** A run of bytes that waits: in a block of the pool, or in memory that the user lends. */
export interface Segment {
  /** The pool's memory, many blocks of which may share one piece; null for memory that is lent. */
  readonly memory: NativeMemory | null;
  readonly bytes: Uint8Array;
  /** The same bytes, to be written several at a time. Memory that is lent has no room, and no view of its own. */
  readonly view: DataView;
  /** Positions in `bytes`: the room, and what waits in it. */
  readonly offset: number;
  readonly limit: number;
  start: number;
  end: number;
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
  readonly #small: Segment[] = [];
  readonly #large: Segment[] = [];

  /** An empty block of unspecified contents; a small one if it is to hold no more than `length` bytes for now. */
  take(length: number): Segment {
    if (length > SMALL_BYTES) return this.#large.pop() ?? largeBlock();
    if (this.#small.length === 0) this.#cutSlab();
    return this.#small.pop()!;
  }

  /**
   * A large block in place of a small one, with the bytes that wait in it: so that what a connection with much to say sends is
   * one piece. Null if it was large, or lent.
   */
  grow(segment: Segment): Segment | null {
    const { memory, bytes, offset, limit, start, end } = segment;
    if (memory === null || limit - offset !== SMALL_BYTES) return null;
    const larger = this.take(LARGE_BYTES);
    larger.bytes.set(bytes.subarray(start, end), larger.offset);
    larger.end = larger.offset + end - start;
    this.give(segment);
    return larger;
  }

  /** Takes a block back. Memory that is lent is let go. */
  give(segment: Segment): void {
    if (segment.memory === null) return;
    segment.start = segment.offset;
    segment.end = segment.offset;
    const small = segment.limit - segment.offset === SMALL_BYTES;
    const free = small ? this.#small : this.#large;
    if (free.length < (small ? KEPT_SMALL : KEPT_LARGE)) free.push(segment);
  }

  #cutSlab(): void {
    const memory = new NativeMemory(SLAB_BYTES);
    const view = new DataView(memory.bytes.buffer);
    for (let offset = SLAB_BYTES - SMALL_BYTES; offset >= 0; offset -= SMALL_BYTES) {
      this.#small.push(block(memory, view, offset, SMALL_BYTES));
    }
  }
}

function largeBlock(): Segment {
  const memory = new NativeMemory(LARGE_BYTES);
  return block(memory, new DataView(memory.bytes.buffer), 0, LARGE_BYTES);
}

function block(memory: NativeMemory, view: DataView, offset: number, size: number): Segment {
  return { memory, bytes: memory.bytes, view, offset, limit: offset + size, start: offset, end: offset };
}

const NO_VIEW = new DataView(new ArrayBuffer(0));

/** All of `bytes`, as a segment with no room for more. */
export function lent(bytes: Uint8Array): Segment {
  return { memory: null, bytes, view: NO_VIEW, offset: 0, limit: bytes.length, start: 0, end: bytes.length };
}
