import { type SocketAddress, type System, systemError } from "@p2pnet/sys";
import { SocketError } from "./errors.js";

/** @throws SocketError `ERR_INVALID_ARG_VALUE` for an address of another family than the socket's */
export function toSocketAddress(address: { address: string; port: number }, family: 4 | 6): SocketAddress {
  const isSix = address.address.includes(":");
  if (isSix !== (family === 6)) {
    throw new SocketError(
      "ERR_INVALID_ARG_VALUE",
      `address: expected a numeric IPv${family} address, got ${JSON.stringify(address.address)}`,
    );
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
