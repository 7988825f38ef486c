import type { Layouts, NativeMemory } from "@p2pnet/sys";
import { readField, writeField } from "./struct-field.js";

type MessageRecord = NonNullable<Layouts["mmsghdr"]>;

/** Where the headers of a batch are in its memory, and what they point at, each as the offset of the first. */
export interface HeaderPlaces {
  readonly count: number;
  readonly headers: number;
  readonly vectors: number;
  readonly addresses: number;
  readonly addressSize: number;
  readonly payloads: number;
  readonly payloadSize: number;
}

/** The `mmsghdr` records of a batch, each with the one `iovec` of its payload. Source: recvmmsg(2), sendmmsg(2). */
export class MessageHeaders {
  readonly #memory: NativeMemory;
  readonly #view: DataView;
  readonly #layouts: Layouts;
  readonly #record: MessageRecord;
  readonly #places: HeaderPlaces;

  constructor(memory: NativeMemory, layouts: Layouts, record: MessageRecord, places: HeaderPlaces) {
    this.#memory = memory;
    this.#view = new DataView(memory.bytes.buffer);
    this.#layouts = layouts;
    this.#record = record;
    this.#places = places;
    for (let i = 0; i < places.count; i++) this.#link(i);
  }

  /** The address of a record. */
  at(i: number): number {
    return this.#memory.address + this.#record.size * i + this.#places.headers;
  }

  /** Gives the first `count` records all the room of their slots. */
  forReceiving(count: number): void {
    const { addressSize, payloadSize } = this.#places;
    for (let i = 0; i < count; i++) this.#setLengths(i, addressSize, payloadSize);
  }

  /** Makes a record ready to send what is in its slot. With an address of no length it goes to the connected peer. */
  forSending(i: number, addressLength: number, length: number): void {
    this.#setLengths(i, addressLength, length);
  }

  /** False when nobody sent anything, because the socket was shut down for reading. */
  hasSender(i: number): boolean {
    const { msg_hdr } = this.#record.fields;
    return readField(this.#view, this.#header(i) + msg_hdr.offset, this.#layouts.msghdr.fields.msg_namelen) !== 0;
  }

  receivedLength(i: number): number {
    return readField(this.#view, this.#header(i), this.#record.fields.msg_len);
  }

  /** Whether the datagram was longer than its slot. */
  cut(i: number, MSG_TRUNC: number): boolean {
    const { msg_hdr } = this.#record.fields;
    const flags = readField(this.#view, this.#header(i) + msg_hdr.offset, this.#layouts.msghdr.fields.msg_flags);
    return (flags & MSG_TRUNC) !== 0;
  }

  #link(i: number): void {
    const { msg_name, msg_iov, msg_iovlen } = this.#layouts.msghdr.fields;
    const { addresses, addressSize, payloads, payloadSize } = this.#places;
    const message = this.#header(i) + this.#record.fields.msg_hdr.offset;
    const { address } = this.#memory;
    writeField(this.#view, message, msg_name, address + addresses + addressSize * i);
    writeField(this.#view, message, msg_iov, address + this.#vector(i));
    writeField(this.#view, message, msg_iovlen, 1);
    const { iov_base } = this.#layouts.iovec.fields;
    writeField(this.#view, this.#vector(i), iov_base, address + payloads + payloadSize * i);
  }

  #setLengths(i: number, addressLength: number, length: number): void {
    const message = this.#header(i) + this.#record.fields.msg_hdr.offset;
    writeField(this.#view, message, this.#layouts.msghdr.fields.msg_namelen, addressLength);
    writeField(this.#view, this.#vector(i), this.#layouts.iovec.fields.iov_len, length);
  }

  #header(i: number): number {
    return this.#places.headers + this.#record.size * i;
  }

  #vector(i: number): number {
    return this.#places.vectors + this.#layouts.iovec.size * i;
  }
}
