import { type SocketAddress, type System, systemError } from "@p2pnet/sys";
import { SocketError } from "./errors.js";

/**
 * The address for a socket of that family. Whether it is a numeric one of the family shows when it is encoded.
 *
 * @throws SocketError `ERR_INVALID_ARG_TYPE` unless `address.address` is a string
 */
export function toSocketAddress(address: { address: string; port: number }, family: 4 | 6): SocketAddress {
  if (typeof address.address !== "string") {
    throw new SocketError("ERR_INVALID_ARG_TYPE", `address: expected a string, got ${typeof address.address}`);
  }
  return { ...address, family };
}

const buffer = (system: System): Uint8Array => new Uint8Array(system.addresses.maxSize);

/** Where the socket is bound. */
export function localAddressOf(system: System, handle: number): SocketAddress {
  const into = buffer(system);
  const length = system.localAddress(handle, into);
  if (length < 0) throw systemError("getsockname", -length);
  return system.addresses.decode(into.subarray(0, length));
}

/** Whom the socket is connected to. */
export function remoteAddressOf(system: System, handle: number): SocketAddress {
  const into = buffer(system);
  const length = system.remoteAddress(handle, into);
  if (length < 0) throw systemError("getpeername", -length);
  return system.addresses.decode(into.subarray(0, length));
}
