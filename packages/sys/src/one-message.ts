import type { Layouts } from "./layouts/layouts.js";
import { NativeMemory } from "./memory.js";

/** A `msghdr` with one `iovec` and room for an address, filled anew for every `recvmsg`. Source: recvmsg(2). */
export class OneMessage {
  readonly #layouts: Layouts;
  readonly #memory: NativeMemory;
  readonly #view: DataView;
  readonly #vector: number;
  /** Where the system puts the sender's address. */
  readonly name: Uint8Array;

  constructor(layouts: Layouts) {
    const { msghdr, iovec, sockaddr_storage } = layouts;
    this.#layouts = layouts;
    this.#vector = Math.ceil(msghdr.size / 8) * 8;
    const name = this.#vector + iovec.size;
    this.#memory = new NativeMemory(name + sockaddr_storage.size);
    this.#view = new DataView(this.#memory.bytes.buffer);
    this.name = this.#memory.bytes.subarray(name);
    const { address } = this.#memory;
    this.#view.setBigUint64(msghdr.fields.msg_name.offset, BigInt(address + name), true);
    this.#view.setBigUint64(msghdr.fields.msg_iov.offset, BigInt(address + this.#vector), true);
    this.#view.setUint32(msghdr.fields.msg_iovlen.offset, 1, true);
  }

  /** The address of the `msghdr`, made ready to receive `length` bytes at `address`. */
  prepare(address: number, length: number): number {
    const { msghdr, iovec } = this.#layouts;
    this.#view.setUint32(msghdr.fields.msg_namelen.offset, this.name.length, true);
    this.#view.setBigUint64(this.#vector + iovec.fields.iov_base.offset, BigInt(address), true);
    this.#view.setBigUint64(this.#vector + iovec.fields.iov_len.offset, BigInt(length), true);
    return this.#memory.address;
  }

  /** False when nobody sent anything, because the socket was shut down for reading. */
  get hasSender(): boolean {
    return this.#view.getUint32(this.#layouts.msghdr.fields.msg_namelen.offset, true) !== 0;
  }

  /** Whether the datagram was longer than the room for it. */
  cut(MSG_TRUNC: number): boolean {
    return (this.#view.getUint32(this.#layouts.msghdr.fields.msg_flags.offset, true) & MSG_TRUNC) !== 0;
  }
}
