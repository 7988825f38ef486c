import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { COPIED_WRITE_BYTES } from "@p2pnet/stream";
import { addressOf, NativeMemory } from "@p2pnet/sys";
import type { BlockPool } from "./block-pool.js";
import { type Gather, MAX_PIECES } from "./gather.js";

/** A run of bytes that waits: part of a block of ours, or memory that the user lends. */
interface Segment {
  readonly memory: NativeMemory | Uint8Array;
  start: number;
  end: number;
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
    if (length > COPIED_WRITE_BYTES) this.#segments.push({ memory: bytes, start: 0, end: length });
    else this.#copy(bytes);
  }

  /**
   * Sends once: the number of bytes that the system took, or `WOULD_BLOCK`.
   *
   * @throws SystemError of the socket's own
   */
  sendTo(socket: Socket): number {
    const first = this.#segments[0];
    if (first === undefined) return 0;
    const single = this.#segments.length === 1 && first.memory instanceof NativeMemory;
    const taken = single
      ? socket.sendFrom(first.memory, first.start, first.end - first.start)
      : socket.sendGathered(this.#gatherSegments());
    if (taken !== WOULD_BLOCK) this.#remove(taken);
    return taken;
  }

  /** Drops everything. */
  clear(): void {
    for (const { memory } of this.#segments) this.#giveBack(memory);
    this.#segments.length = 0;
    this.length = 0;
  }

  #copy(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const { memory, end } = this.#lastBlock();
      const room = Math.min(memory.bytes.length - end, bytes.length - from);
      copyInto(memory.bytes, end, bytes, from, room);
      this.#segments[this.#segments.length - 1]!.end += room;
      from += room;
    }
  }

  #lastBlock(): { memory: NativeMemory; end: number } {
    const last = this.#segments[this.#segments.length - 1];
    if (last?.memory instanceof NativeMemory && last.end < last.memory.bytes.length) {
      return last as Segment & { memory: NativeMemory };
    }
    const segment = { memory: this.#blocks.take(), start: 0, end: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #gatherSegments(): number {
    this.#gather.clear();
    for (const { memory, start, end } of this.#segments.slice(0, MAX_PIECES)) {
      const address = memory instanceof NativeMemory ? memory.address : addressOf(memory);
      this.#gather.add(address + start, end - start);
    }
    return this.#gather.finish();
  }

  #remove(taken: number): void {
    this.length -= taken;
    let left = taken;
    let done = 0;
    for (const segment of this.#segments) {
      const length = segment.end - segment.start;
      if (left < length) {
        segment.start += left;
        break;
      }
      left -= length;
      done++;
      this.#giveBack(segment.memory);
    }
    if (done === this.#segments.length) this.#segments.length = 0;
    else if (done > 0) this.#segments.splice(0, done);
  }

  #giveBack(memory: NativeMemory | Uint8Array): void {
    if (memory instanceof NativeMemory) this.#blocks.give(memory);
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
