import type { AddressFamily, System } from "@p2pnet/sys";
import type { DatagramSlots } from "./datagram-slots.js";

/**
 * Receives and sends the datagrams of a batch for one socket: with one call where the system has it, else one by one with
 * the same outcome. Both return how many, or the negated errno if that is none.
 */
export class BatchCalls {
  readonly #system: System;
  /** What failed after others were received, for the next call to say; Linux's own recvmmsg keeps it likewise. */
  #late = 0;
  /** As long as every address that the socket receives from. */
  readonly #addressLength: number;

  constructor(system: System, family: AddressFamily) {
    this.#system = system;
    const { sockaddr_in, sockaddr_in6 } = system.layouts;
    this.#addressLength = (family === 6 ? sockaddr_in6 : sockaddr_in).size;
  }

  /** Fills the slots from the first on with up to `limit` datagrams, in place of those that were there. */
  receive(handle: number, slots: DatagramSlots, limit: number): number {
    slots.first = slots.end = 0;
    const { recvMessages } = this.#system;
    if (slots.headers === null || recvMessages === null) return this.#receiveEach(handle, slots, limit);

    slots.headers.forReceiving(limit);
    const received = recvMessages(handle, slots.headers.at(0), limit);
    for (let i = 0; i < received; i++) {
      if (!slots.headers.hasSender(i)) return i > 0 ? i : -this.#system.constants.EAGAIN;
      const cut = slots.headers.cut(i, this.#system.constants.MSG_TRUNC);
      slots.received(i, slots.headers.receivedLength(i), cut, this.#addressLength);
    }
    return received;
  }

  /** Those that were sent leave the slots. */
  send(handle: number, slots: DatagramSlots): number {
    const { sendMessages } = this.#system;
    const { headers, first, end } = slots;
    let sent: number;
    if (headers === null || sendMessages === null) sent = this.#sendEach(handle, slots);
    else {
      for (let i = first; i < end; i++) headers.forSending(i, slots.addressLengths[i]!, slots.lengths[i]!);
      sent = sendMessages(handle, headers.at(first), end - first);
    }
    if (sent > 0) slots.drop(sent);
    return sent;
  }

  #receiveEach(handle: number, slots: DatagramSlots, limit: number): number {
    if (this.#late !== 0) {
      const errno = this.#late;
      this.#late = 0;
      return errno;
    }
    for (let i = 0; i < limit; i++) {
      const result = this.#system.recvFrom(handle, slots.payloadAt(i), slots.payloadSize, slots.addresses[i]!);
      if (result < 0) {
        if (i === 0) return result;
        if (-result !== this.#system.constants.EAGAIN) this.#late = result;
        return i;
      }
      const length = Math.min(result, slots.payloadSize);
      slots.received(i, length, result > slots.payloadSize, this.#addressLength);
    }
    return limit;
  }

  #sendEach(handle: number, slots: DatagramSlots): number {
    const { first, end } = slots;
    for (let i = first; i < end; i++) {
      const result = this.#sendOne(handle, slots, i);
      // What failed is met again by the next call, which starts with it.
      if (result < 0) return i === first ? result : i - first;
    }
    return end - first;
  }

  #sendOne(handle: number, slots: DatagramSlots, i: number): number {
    const length = slots.lengths[i]!;
    const addressLength = slots.addressLengths[i]!;
    if (addressLength === 0) return this.#system.send(handle, slots.payloadAt(i), length);
    return this.#system.sendTo(handle, slots.payloadAt(i), length, slots.addresses[i]!.subarray(0, addressLength));
  }
}
