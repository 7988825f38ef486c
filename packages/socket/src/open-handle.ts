import { AddressError, type System, systemError } from "@p2pnet/sys";
import { localAddressOf } from "./address.js";
import { expectInteger, SocketError } from "./errors.js";
import { SocketOptions } from "./socket-options.js";

/** The FFI library cuts larger numbers to 32 bits without a word; Windows' handles are 64 bits long. */
const MAX_HANDLE = process.platform === "win32" ? Number.MAX_SAFE_INTEGER : 0x7fffffff;

/** Opens a TCP socket. @throws SystemError as socket(2) */
export function openHandle(system: System, family: 4 | 6, ipv6Only: boolean): number {
  const { AF_INET, AF_INET6, SOCK_STREAM, IPPROTO_TCP } = system.constants;
  const handle = system.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  if (handle < 0) throw systemError("socket", -handle);
  try {
    if (family === 6) new SocketOptions(system, () => handle).ipv6Only = ipv6Only;
  } catch (error) {
    system.close(handle);
    throw error;
  }
  return handle;
}

/** Makes a handle that others opened like one of our own, and gives its family. If it is refused, it is as it was. */
export function adoptHandle(system: System, handle: number): 4 | 6 {
  expectInteger("handle", handle, 0, MAX_HANDLE);
  const family = familyOf(system, handle);
  if (new SocketOptions(system, () => handle).type !== system.constants.SOCK_STREAM) {
    throw new SocketError("ERR_INVALID_ARG_VALUE", "handle: expected a stream socket, got one of another type");
  }
  for (const result of [system.setNonBlocking(handle, true), system.setCloseOnExec(handle)]) {
    if (result < 0) throw systemError("fcntl", -result);
  }
  return family;
}

function familyOf(system: System, handle: number): 4 | 6 {
  try {
    return localAddressOf(system, handle).family;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new SocketError(
      "ERR_INVALID_ARG_VALUE",
      "handle: expected an IPv4 or IPv6 socket, got one of another family",
    );
  }
}
