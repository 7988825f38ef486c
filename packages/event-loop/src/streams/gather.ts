import { NativeMemory, system } from "@p2pnet/sys";

/** Pieces in one call; Linux allows 1,024 (IOV_MAX), and more than a few make no difference. */
export const MAX_PIECES = 16;

/** A `msghdr` with its `iovec`s, filled anew for every gathered send of the loop. Source: sendmsg(2). */
export class Gather {
  readonly #memory: NativeMemory;
  readonly #view: DataView;
  readonly #vectors: number;
  readonly #vectorSize: number;
  readonly #addressOffset: number;
  readonly #lengthOffset: number;
  readonly #countOffset: number;
  #count = 0;

  constructor() {
    const { msghdr, iovec } = system().layouts;
    this.#vectorSize = iovec.size;
    this.#addressOffset = iovec.fields.iov_base.offset;
    this.#lengthOffset = iovec.fields.iov_len.offset;
    this.#countOffset = msghdr.fields.msg_iovlen.offset;
    this.#vectors = Math.ceil(msghdr.size / 8) * 8;
    this.#memory = new NativeMemory(this.#vectors + MAX_PIECES * iovec.size);
    this.#view = new DataView(this.#memory.bytes.buffer);
    this.#view.setBigUint64(msghdr.fields.msg_iov.offset, BigInt(this.#memory.address + this.#vectors), true);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds `length` bytes at `address`. What is there must stay alive until the send returns. */
  add(address: number, length: number): void {
    const at = this.#vectors + this.#count * this.#vectorSize;
    // Windows has the length first, in 32 bits with 32 of padding after it.
    this.#view.setBigUint64(at + this.#lengthOffset, BigInt(length), true);
    this.#view.setBigUint64(at + this.#addressOffset, BigInt(address), true);
    this.#count++;
  }

  /** The address of the finished `msghdr`. */
  finish(): number {
    this.#view.setBigUint64(this.#countOffset, BigInt(this.#count), true);
    return this.#memory.address;
  }
}
