import { NativeMemory, type System } from "../../src/index.js";

/** Bytes in memory that has an address. */
export function inMemory(...bytes: number[]): NativeMemory {
  const memory = new NativeMemory(Math.max(1, bytes.length));
  memory.bytes.set(bytes);
  return memory;
}

/** A `msghdr` that gathers pieces. Whoever uses its address keeps the message. */
export class GatheringMessage {
  readonly #message: NativeMemory;
  /** Kept for the addresses in the message. */
  readonly pieces: readonly NativeMemory[];
  readonly vectors: NativeMemory;

  constructor(sys: System, pieces: readonly NativeMemory[]) {
    const { msghdr, iovec } = sys.layouts;
    const { iov_base, iov_len } = iovec.fields;
    this.pieces = pieces;
    this.vectors = new NativeMemory(iovec.size * pieces.length);
    const vectors = new DataView(this.vectors.bytes.buffer);
    for (const [i, { address, bytes }] of pieces.entries()) {
      vectors.setBigUint64(i * iovec.size + iov_base.offset, BigInt(address), true);
      vectors.setUint32(i * iovec.size + iov_len.offset, bytes.length, true);
    }
    this.#message = new NativeMemory(msghdr.size);
    const message = new DataView(this.#message.bytes.buffer);
    message.setBigUint64(msghdr.fields.msg_iov.offset, BigInt(this.vectors.address), true);
    message.setUint32(msghdr.fields.msg_iovlen.offset, pieces.length, true);
  }

  get address(): number {
    return this.#message.address;
  }
}
