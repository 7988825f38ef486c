import { addressOf, type SocketAddress, systemError } from "@p2pnet/sys";
import { type IpEndpoint, toSocketAddress } from "./address.js";
import { BatchCalls } from "./batch-calls.js";
import type { DatagramBatch } from "./datagram-batch.js";
import { expectBytes, expectRoom, SocketError } from "./errors.js";
import { groupRequest } from "./multicast.js";
import { SocketHandle } from "./socket-handle.js";
import { WOULD_BLOCK } from "./would-block.js";

/** A datagram that was received: its bytes are at the start of the buffer that was given. */
export interface Datagram {
  /** How many bytes are in the buffer. 0 is an empty datagram. */
  readonly length: number;
  readonly from: SocketAddress;
  /** Whether the datagram was longer than the buffer; the rest is lost. */
  readonly truncated: boolean;
}

/** What only UDP sockets do. On others these calls throw `ERR_SOCKET_KIND`, where the system would ignore the address. */
export abstract class DatagramCalls extends SocketHandle {
  #from: Uint8Array | null = null;
  #batches: BatchCalls | null = null;

  /**
   * Receives one datagram into `into`, or null when there is none, as for ever after `shutdown("read")`.
   *
   * @throws SystemError (syscall `recvmsg`) `ECONNREFUSED` if nobody was there to get what a connected socket sent, ...;
   * SocketError `ERR_SOCKET_KIND`, `ERR_OUT_OF_RANGE` if `into` is empty, `ERR_INVALID_ARG_TYPE`
   */
  recvFrom(into: Uint8Array): Datagram | null {
    this.#expectUdp("recvFrom");
    const { length: room } = expectRoom("into", into);
    this.#from ??= new Uint8Array(this.system.addresses.maxSize);
    const result = this.system.recvFrom(this.handle, addressOf(into), room, this.#from);
    if (-result === this.system.constants.EAGAIN) return null;
    if (result < 0) throw this.raise("recvmsg", -result);
    const from = this.system.addresses.decode(this.#from);
    return { length: Math.min(result, into.length), from, truncated: result > room };
  }

  /**
   * Sends `bytes` as one datagram to a numeric address: their number, because it is sent whole or not at all, or
   * `WOULD_BLOCK`.
   *
   * @throws SystemError (syscall `send`, with the address) `EMSGSIZE` if it is too large, `EACCES` for a broadcast address
   * without `options.broadcast`, `ENETUNREACH`, ...; AddressError as `bind`; SocketError `ERR_SOCKET_KIND`,
   * `ERR_INVALID_ARG_TYPE`
   */
  sendTo(bytes: Uint8Array, to: IpEndpoint): number {
    this.#expectUdp("sendTo");
    const address = toSocketAddress(to, this.family);
    const encoded = this.system.addresses.encode(address);
    const result = this.system.sendTo(this.handle, addressOf(expectBytes("bytes", bytes)), bytes.length, encoded);
    // Not the result: looking at the bytes once more keeps their memory alive during the call.
    if (result >= 0) return bytes.length;
    if (-result === this.system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.raise("send", -result, address);
  }

  /**
   * Receives the datagrams that are there into `batch`, in place of what it held: how many, at most its capacity, or
   * `WOULD_BLOCK`. A blocking socket waits for one and receives that.
   *
   * @throws SystemError, SocketError as `recvFrom`
   */
  recvBatch(batch: DatagramBatch): number {
    this.#expectUdp("recvBatch");
    const result = this.#calls.receive(this.handle, batch.slots, this.blocking ? 1 : batch.capacity);
    if (result >= 0) return result;
    if (-result === this.system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.raise("recvmsg", -result);
  }

  /**
   * Sends the datagrams in `batch`, in order: how many the system took, or `WOULD_BLOCK`. Those leave the batch. Call again
   * while there are others. One that fails leaves it too, so that the next call goes on with the one after it.
   *
   * @throws SystemError as `sendTo`, if the first fails; SocketError `ERR_SOCKET_KIND`
   */
  sendBatch(batch: DatagramBatch): number {
    this.#expectUdp("sendBatch");
    const { handle } = this;
    if (batch.length === 0) return 0;
    const result = this.#calls.send(handle, batch.slots);
    if (result >= 0) return result;
    if (-result === this.system.constants.EAGAIN) return WOULD_BLOCK;
    const to = batch.addressAt(0);
    batch.slots.drop(1);
    throw this.raise("send", -result, to ?? undefined);
  }

  /**
   * Receives what is sent to a multicast group: to the port that this socket is bound to. `on` names the interface (`eth0`);
   * for IPv4 it may be one of its addresses, for IPv6 its number or the group's own scope (`ff02::1%eth0`). Without it, the
   * system chooses.
   *
   * @throws SystemError `EINVAL` if it is no group, `EADDRINUSE` if it was joined already, `ENODEV`, ...; AddressError
   * `ERR_INVALID_IP_ADDRESS`, `ERR_INVALID_SCOPE_ID`; SocketError `ERR_SOCKET_KIND`, `ERR_INVALID_ARG_TYPE`
   */
  joinGroup(group: string, on?: string): void {
    this.#expectUdp("joinGroup");
    const { IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP } = this.system.constants;
    this.#changeGroup(this.family === 6 ? IPV6_JOIN_GROUP : IP_ADD_MEMBERSHIP, group, on);
  }

  /** Undoes `joinGroup` with the same arguments. @throws SystemError `EADDRNOTAVAIL` if it is no member; as `joinGroup` */
  leaveGroup(group: string, on?: string): void {
    this.#expectUdp("leaveGroup");
    const { IP_DROP_MEMBERSHIP, IPV6_LEAVE_GROUP } = this.system.constants;
    this.#changeGroup(this.family === 6 ? IPV6_LEAVE_GROUP : IP_DROP_MEMBERSHIP, group, on);
  }

  #changeGroup(name: number, group: string, on: string | undefined): void {
    const { IPPROTO_IP, IPPROTO_IPV6 } = this.system.constants;
    const request = groupRequest(this.system, group, on, this.family);
    const level = this.family === 6 ? IPPROTO_IPV6 : IPPROTO_IP;
    const result = this.system.setOption(this.handle, level, name, request);
    if (result < 0) throw systemError("setsockopt", -result, { address: group });
  }

  get #calls(): BatchCalls {
    this.#batches ??= new BatchCalls(this.system, this.family);
    return this.#batches;
  }

  #expectUdp(call: string): void {
    if (this.kind === "udp") return;
    throw new SocketError("ERR_SOCKET_KIND", `${call}: expected a udp socket, got a ${this.kind} one`);
  }
}
