import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { COPIED_WRITE_BYTES } from "@p2pnet/stream";
import { addressOf } from "@p2pnet/sys";
import { type BlockPool, lent, type Segment } from "./block-pool.js";
import { type Gather, MAX_PIECES } from "./gather.js";
import { LOOP_BYTES, type Received } from "./received.js";

/**
 * Bytes that wait to be sent, in order. Short writes are copied into blocks, so that many of them leave in one call; long
 * ones are borrowed.
 */
export class WriteQueue {
  /** Bytes waiting. */
  length = 0;
  /** The system is reading what was there when this was set: it stays where it is, and more goes after it. */
  isBeingSent = false;
  readonly #blocks: BlockPool;
  readonly #gather: Gather;
  readonly #received: Received;
  readonly #segments: Segment[] = [];
  #last: Segment | null = null;

  constructor(blocks: BlockPool, gather: Gather, received: Received) {
    this.#blocks = blocks;
    this.#gather = gather;
    this.#received = received;
  }

  push(bytes: Uint8Array): void {
    const { length } = bytes;
    this.length += length;
    const last = this.#last;
    if (last !== null && length <= last.limit - last.end && length <= COPIED_WRITE_BYTES) {
      const { end } = last;
      last.end = end + length;
      if (length > LOOP_BYTES) last.bytes.set(bytes, end);
      else for (let index = 0; index < length; index++) last.bytes[end + index] = bytes[index]!;
    } else if (length > COPIED_WRITE_BYTES) {
      this.#append(lent(bytes));
    } else {
      this.#copy(bytes);
    }
  }

  /** As `push(head)`, and then `push` of `bytes` from `start` to before `end`. */
  pushJoined(head: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    const length = head.length + end - start;
    const block = length > JOINED_BYTES ? null : this.#room(length);
    if (block === null || length > block.limit - block.end) {
      this.push(head);
      this.push(end - start === bytes.length ? bytes : bytes.subarray(start, end));
      return;
    }
    const at = block.end;
    // Four bytes, mostly: as one, without a loop, it is half the time.
    if (head.length === 4) {
      block.view.setInt32(at, (head[0]! << 24) | (head[1]! << 16) | (head[2]! << 8) | head[3]!);
    } else {
      for (let index = 0; index < head.length; index++) block.bytes[at + index] = head[index]!;
    }
    this.#received.copy(bytes, start, end, block, at + head.length);
    // Only now: whoever hands over memory that is gone gets an exception, and nothing is sent.
    this.length += length;
    block.end += length;
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
      this.#segments.length === 1 && first.memory !== null
        ? socket.sendFrom(first.memory, first.start, first.end - first.start)
        : socket.sendGathered(this.gatherInto(this.#gather));
    if (taken !== WOULD_BLOCK) this.remove(taken);
    return taken;
  }

  /** The block that all bytes are in, if there is one. */
  get onlyBlock(): Segment | null {
    const first = this.#segments[0];
    return this.#segments.length === 1 && first!.memory !== null ? first! : null;
  }

  /** Drops everything. */
  clear(): void {
    for (const segment of this.#segments) this.#blocks.give(segment);
    this.#segments.length = 0;
    this.#last = null;
    this.length = 0;
  }

  #copy(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const segment = this.#room(bytes.length - from);
      const count = Math.min(segment.limit - segment.end, bytes.length - from);
      segment.bytes.set(count === bytes.length ? bytes : bytes.subarray(from, from + count), segment.end);
      segment.end += count;
      from += count;
    }
  }

  /** A segment with room for at least a byte of those `length`. */
  #room(length: number): Segment {
    const last = this.#last;
    if (last === null) return this.#append(this.#blocks.take(length));
    if (length <= last.limit - last.end) return last;
    const grown = this.#segments.length === 1 && !this.isBeingSent ? this.#blocks.grow(last) : null;
    if (grown !== null) {
      this.#segments.pop();
      return this.#append(grown);
    }
    return last.end < last.limit ? last : this.#append(this.#blocks.take(Number.POSITIVE_INFINITY));
  }

  #append(segment: Segment): Segment {
    this.#segments.push(segment);
    this.#last = segment;
    return segment;
  }

  /** Puts the first pieces into `gather`; its address. */
  gatherInto(gather: Gather): number {
    gather.clear();
    const count = Math.min(this.#segments.length, MAX_PIECES);
    for (let index = 0; index < count; index++) {
      const { memory, bytes, start, end } = this.#segments[index]!;
      gather.add((memory?.address ?? addressOf(bytes)) + start, end - start);
    }
    return gather.finish();
  }

  /** So many bytes have been taken. */
  remove(taken: number): void {
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
      this.#blocks.give(segment);
    }
    // Popping the only one is the usual case, and much cheaper than splice.
    if (done === 1 && segments.length === 1) segments.pop();
    else if (done > 0) segments.splice(0, done);
    if (segments.length === 0) this.#last = null;
  }
}

/** What is longer is as well off with a view of its own. */
const JOINED_BYTES = 256;
