import { type AddressFamily, type SocketAddress, type System, systemError } from "@p2pnet/sys";
import { expectText } from "./errors.js";

/** Where TCP and UDP sockets are: a numeric address and a port. */
export interface IpEndpoint {
  /** IPv6 may carry a scope, as in `fe80::1%eth0` or `fe80::1%3`. */
  readonly address: string;
  readonly port: number;
  /** IPv6 only: the scope as a number, if it is not in `address`. */
  readonly scopeId?: number;
}

/** Where Unix sockets are: a path; on Linux, one that begins with `"\0"` is an abstract name and no file. */
export interface UnixEndpoint {
  readonly path: string;
}

/** What `connect` takes: also an address that a socket of the same kind tells of itself. */
export type SocketEndpoint = IpEndpoint | UnixEndpoint | SocketAddress;

/**
 * The address for a socket of that family. Whether it is one that there can be shows when it is encoded.
 *
 * @throws SocketError `ERR_INVALID_ARG_TYPE` unless its address (or path) is a string
 */
export function toSocketAddress(endpoint: SocketEndpoint, family: AddressFamily): SocketAddress {
  const { path, ...given } = endpoint as Partial<UnixEndpoint> & SocketAddress;
  if (family !== "unix") {
    expectText("address", given.address);
    return { ...given, family };
  }
  return { family, address: expectText("path", given.family === "unix" ? given.address : path), port: 0 };
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
