import { AddressError, type AddressFamily, type System, systemError } from "@p2pnet/sys";
import { localAddressOf } from "./address.js";
import { expectInteger, SocketError } from "./errors.js";
import { kindOf, type SocketType, socketNumbers } from "./kind.js";
import { SocketOptions } from "./socket-options.js";

/** The FFI library cuts larger numbers to 32 bits without a word; Windows' handles are 64 bits long. */
const MAX_HANDLE = process.platform === "win32" ? Number.MAX_SAFE_INTEGER : 0x7fffffff;

/** Opens a socket. @throws SystemError as socket(2) */
export function openHandle(system: System, type: SocketType, ipv6Only: boolean): number {
  const handle = system.socket(...socketNumbers(system, type));
  if (handle < 0) throw systemError("socket", -handle);
  try {
    if (type.family === 6) new SocketOptions(system, () => handle).ipv6Only = ipv6Only;
  } catch (error) {
    system.close(handle);
    throw error;
  }
  return handle;
}

/** Makes a handle that others opened like one of our own, and tells what it is. If it is refused, it is as it was. */
export function adoptHandle(system: System, handle: number): SocketType {
  expectInteger("handle", handle, 0, MAX_HANDLE);
  const family = familyOf(system, handle);
  const kind = family === null ? null : kindOf(system, new SocketOptions(system, () => handle).type, family);
  if (family === null || kind === null) {
    throw new SocketError("ERR_INVALID_ARG_VALUE", "handle: expected a TCP, UDP or Unix stream socket, got another");
  }
  for (const result of [system.setNonBlocking(handle, true), system.setCloseOnExec(handle)]) {
    if (result < 0) throw systemError("fcntl", -result);
  }
  return { kind, family };
}

/** Null if it is none of ours. */
function familyOf(system: System, handle: number): AddressFamily | null {
  try {
    return localAddressOf(system, handle).family;
  } catch (error) {
    if (error instanceof AddressError) return null;
    throw error;
  }
}
