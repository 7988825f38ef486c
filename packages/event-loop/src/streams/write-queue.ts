import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { COPIED_WRITE_BYTES } from "@p2pnet/stream";
import { addressOf } from "@p2pnet/sys";
import type { Block, BlockPool } from "./block-pool.js";
import { type Gather, MAX_PIECES } from "./gather.js";

/** A run of bytes that waits: in a block of ours, or in memory that the user lends. */
interface Segment {
  readonly block: Block | null;
  readonly bytes: Uint8Array;
  /** Positions in `bytes`: what waits, and up to where more may be added. */
  start: number;
  end: number;
  readonly limit: number;
}

/**
 * Bytes that wait to be sent, in order. Short writes are copied into blocks, so that many of them leave in one call; long
 * ones are borrowed.
 */
export class WriteQueue {
  /** Bytes waiting. */
  length = 0;
  readonly #blocks: BlockPool;
  readonly #gather: Gather;
  readonly #segments: Segment[] = [];

  constructor(blocks: BlockPool, gather: Gather) {
    this.#blocks = blocks;
    this.#gather = gather;
  }

  push(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length === 0) return;
    this.length += length;
    if (length <= COPIED_WRITE_BYTES) this.#copy(bytes, length);
    else this.#segments.push({ block: null, bytes, start: 0, end: length, limit: length });
  }

  /**
   * Sends once: the number of bytes that the system took, or `WOULD_BLOCK`.
   *
   * @throws SystemError of the socket's own
   */
  sendTo(socket: Socket): number {
    const first = this.#segments[0];
    if (first === undefined) return 0;
    const taken =
      this.#segments.length === 1 && first.block !== null
        ? socket.sendFrom(first.block.memory, first.start, first.end - first.start)
        : socket.sendGathered(this.#gatherSegments());
    if (taken !== WOULD_BLOCK) this.#remove(taken);
    return taken;
  }

  /** Drops everything. */
  clear(): void {
    for (const { block } of this.#segments) if (block !== null) this.#blocks.give(block);
    this.#segments.length = 0;
    this.length = 0;
  }

  #copy(bytes: Uint8Array, length: number): void {
    for (let from = 0; from < length; ) {
      const segment = this.#room(length - from);
      const count = Math.min(segment.limit - segment.end, length - from);
      copyInto(segment.bytes, segment.end, bytes, from, count);
      segment.end += count;
      from += count;
    }
  }

  /** The last segment if more can be added to it, or a new one. */
  #room(length: number): Segment {
    const count = this.#segments.length;
    const last = this.#segments[count - 1];
    if (last !== undefined && last.end < last.limit) return last;
    // A first small block was not enough: the connection has much to say.
    const block = this.#blocks.take(count === 0 ? length : Number.POSITIVE_INFINITY);
    const { memory, offset, size } = block;
    const segment = { block, bytes: memory.bytes, start: offset, end: offset, limit: offset + size };
    this.#segments.push(segment);
    return segment;
  }

  #gatherSegments(): number {
    this.#gather.clear();
    const count = Math.min(this.#segments.length, MAX_PIECES);
    for (let index = 0; index < count; index++) {
      const { block, bytes, start, end } = this.#segments[index]!;
      this.#gather.add((block?.memory.address ?? addressOf(bytes)) + start, end - start);
    }
    return this.#gather.finish();
  }

  #remove(taken: number): void {
    this.length -= taken;
    const segments = this.#segments;
    let left = taken;
    let done = 0;
    for (; done < segments.length; done++) {
      const segment = segments[done]!;
      const length = segment.end - segment.start;
      if (left < length) {
        segment.start += left;
        break;
      }
      left -= length;
      if (segment.block !== null) this.#blocks.give(segment.block);
    }
    // Popping the only one is the usual case, and much cheaper than splice.
    if (done === 1 && segments.length === 1) segments.pop();
    else if (done > 0) segments.splice(0, done);
  }
}

/** Below this many bytes a loop beats `TypedArray.set`, which first has to make a view of the part to copy. */
const LOOP_BYTES = 64;

function copyInto(target: Uint8Array, at: number, source: Uint8Array, from: number, length: number): void {
  if (length <= LOOP_BYTES) {
    for (let index = 0; index < length; index++) target[at + index] = source[from + index]!;
  } else {
    target.set(length === source.length ? source : source.subarray(from, from + length), at);
  }
}
