import { parseIpAddress, type SocketAddress, type System, system } from "@p2pnet/sys";
import { type IpEndpoint, toSocketAddress } from "./address.js";
import { DatagramSlots } from "./datagram-slots.js";
import { expectBytes, expectInteger, expectText, SocketError } from "./errors.js";

/** How much a `DatagramBatch` has room for. */
export interface DatagramBatchOptions {
  /** Datagrams, from 1 to 1024: the most that Linux takes with one call. 64 by default. */
  readonly capacity?: number;
  /** Bytes of each, from 1 to 65,535. 2048 by default: more than an Ethernet packet carries. */
  readonly size?: number;
}

/**
 * Datagrams in memory that the system reads and writes: many of them are received or sent with one call where it can do
 * that. Make one and use it again and again. What was received may be sent as it is: back to where it came from.
 */
export class DatagramBatch {
  /** Most datagrams that it holds. */
  readonly capacity: number;
  /** Most bytes of each. */
  readonly size: number;
  /** Its memory, for sockets. */
  readonly slots: DatagramSlots;
  readonly #system: System;

  /** @throws SocketError `ERR_OUT_OF_RANGE` for a capacity or size outside its bounds */
  constructor(options: DatagramBatchOptions = {}) {
    const { capacity = 64, size = 2048 } = options;
    this.capacity = expectInteger("capacity", capacity, 1, 1024);
    this.size = expectInteger("size", size, 1, 65_535);
    this.#system = system();
    this.slots = new DatagramSlots(this.#system, capacity, size);
  }

  /** How many datagrams it holds. */
  get length(): number {
    return this.slots.end - this.slots.first;
  }

  /**
   * Adds a copy of `bytes`, to be sent to a numeric address, or to the peer of a connected socket if there is none. Once
   * `capacity` were added, there is room again when all of them were sent, or after `clear`.
   *
   * @returns false if there is no room
   * @throws SocketError `ERR_OUT_OF_RANGE` for more than `size` bytes, `ERR_INVALID_ARG_TYPE`; AddressError as `bind`
   */
  push(bytes: Uint8Array, to?: IpEndpoint): boolean {
    const { slots } = this;
    const { length } = expectBytes("bytes", bytes);
    expectInteger("bytes.length", length, 0, this.size);
    const address = to === undefined ? null : this.#encode(to);
    const i = slots.end;
    if (i === this.capacity) return false;
    slots.payloads[i]!.set(bytes);
    slots.lengths[i] = length;
    slots.addresses[i]!.set(address ?? []);
    slots.addressLengths[i] = address?.length ?? 0;
    slots.truncated[i] = 0;
    slots.end++;
    return true;
  }

  /** The payload of a datagram: a view that the batch's next use changes. @throws SocketError `ERR_OUT_OF_RANGE` */
  bytesAt(index: number): Uint8Array<ArrayBuffer> {
    const i = this.#slot(index);
    return this.slots.payloads[i]!.subarray(0, this.slots.lengths[i]!);
  }

  /** Whom a datagram came from, or goes to; null for a connected socket's peer. @throws SocketError `ERR_OUT_OF_RANGE` */
  addressAt(index: number): SocketAddress | null {
    const i = this.#slot(index);
    const length = this.slots.addressLengths[i]!;
    return length === 0 ? null : this.#system.addresses.decode(this.slots.addresses[i]!.subarray(0, length));
  }

  /** Whether a received datagram was longer than `size`; the rest is lost. @throws SocketError `ERR_OUT_OF_RANGE` */
  truncatedAt(index: number): boolean {
    return this.slots.truncated[this.#slot(index)] === 1;
  }

  /** Forgets all datagrams. */
  clear(): void {
    this.slots.drop(this.length);
  }

  #encode(to: IpEndpoint): Uint8Array {
    // What no address is, is refused as IPv4.
    const family = parseIpAddress(expectText("address", to.address))?.family ?? 4;
    return this.#system.addresses.encode(toSocketAddress(to, family));
  }

  #slot(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return this.slots.first + index;
    throw new SocketError("ERR_OUT_OF_RANGE", `index: expected one of ${this.length} datagrams, got ${index}`);
  }
}
