import { NativeMemory, type System } from "@p2pnet/sys";
import { MessageHeaders } from "./message-headers.js";

/**
 * The memory of a batch, and what is in it. Each slot has room for a payload and an address. Those from `first` to before
 * `end` hold datagrams.
 */
export class DatagramSlots {
  readonly count: number;
  readonly payloadSize: number;
  first = 0;
  end = 0;
  /** By slot: the payload's bytes. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** By slot: the address's bytes, 0 for none. */
  readonly addressLengths: Uint32Array<ArrayBuffer>;
  /** By slot: 1 if the payload was longer than the slot. */
  readonly truncated: Uint8Array<ArrayBuffer>;
  /** By slot, all of its room. */
  readonly payloads: readonly Uint8Array<ArrayBuffer>[];
  readonly addresses: readonly Uint8Array<ArrayBuffer>[];
  /** Null where the system has no calls for many datagrams. */
  readonly headers: MessageHeaders | null;
  readonly #memory: NativeMemory;
  readonly #payloadsAt: number;

  constructor({ layouts, addresses }: System, count: number, payloadSize: number) {
    this.count = count;
    this.payloadSize = payloadSize;
    this.lengths = new Uint32Array(count);
    this.addressLengths = new Uint32Array(count);
    this.truncated = new Uint8Array(count);

    // Structs first: their sizes are multiples of 8, as they must be aligned.
    const { iovec, mmsghdr } = layouts;
    const addressSize = addresses.maxSize;
    const vectorsAt = count * (mmsghdr?.size ?? 0);
    const addressesAt = vectorsAt + count * iovec.size;
    const payloadsAt = addressesAt + count * addressSize;
    const memory = new NativeMemory(payloadsAt + count * payloadSize);
    this.#memory = memory;
    this.#payloadsAt = payloadsAt;
    const rooms = (at: number, size: number): Uint8Array<ArrayBuffer>[] =>
      Array.from({ length: count }, (_, i) => memory.bytes.subarray(at + i * size, at + (i + 1) * size));
    this.addresses = rooms(addressesAt, addressSize);
    this.payloads = rooms(payloadsAt, payloadSize);
    const places = { headers: 0, vectors: vectorsAt, addresses: addressesAt, payloads: payloadsAt };
    this.headers =
      mmsghdr && new MessageHeaders(memory, layouts, mmsghdr, { ...places, count, addressSize, payloadSize });
  }

  /** The address in memory of a slot's payload. */
  payloadAt(i: number): number {
    return this.#memory.address + this.#payloadsAt + i * this.payloadSize;
  }

  /** Notes what was received into a slot. */
  received(i: number, length: number, truncated: boolean, addressLength: number): void {
    this.lengths[i] = length;
    this.addressLengths[i] = addressLength;
    this.truncated[i] = truncated ? 1 : 0;
    this.end = i + 1;
  }

  /** Lets go of the first `count` datagrams. */
  drop(count: number): void {
    this.first += count;
    if (this.first === this.end) this.first = this.end = 0;
  }
}
