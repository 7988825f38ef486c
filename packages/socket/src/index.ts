export { AddressError, type AddressFamily, isSystemError, type SocketAddress, SystemError } from "@p2pnet/sys";
export type { IpEndpoint, SocketEndpoint, UnixEndpoint } from "./address.js";
export { DatagramBatch, type DatagramBatchOptions } from "./datagram-batch.js";
export type { Datagram } from "./datagram-calls.js";
export { SocketError, type SocketErrorCode } from "./errors.js";
export type { SocketFamily, SocketKind, SocketType } from "./kind.js";
export { Socket, type SocketOwner } from "./socket.js";
export { SocketOptions } from "./socket-options.js";
export { WOULD_BLOCK } from "./would-block.js";
