export { AddressError, isSystemError, type SocketAddress, SystemError } from "@p2pnet/sys";
export { SocketError, type SocketErrorCode } from "./errors.js";
export { Socket, type SocketFamily, type SocketKind, type SocketOwner, WOULD_BLOCK } from "./socket.js";
export { SocketOptions } from "./socket-options.js";
