import { win32 as constants } from "./constants/win32.js";
import { win32 as layouts } from "./layouts/win32.js";
import type { SocketAddress, SocketAddressCodec } from "./socket-address.js";
import type { WinsockFunctions } from "./winsock-functions.js";

/** What is asked of a SOCKET, and set, around the calls of `System`. Results are as there. */
export class WinsockHandles {
  readonly #c: WinsockFunctions;
  readonly #value = new Int32Array(1);
  readonly #length = new Int32Array(1);
  readonly #returned = new Uint32Array(1);

  constructor(c: WinsockFunctions) {
    this.#c = c;
  }

  setNonBlocking(handle: number, enabled: boolean): number {
    this.#value[0] = enabled ? 1 : 0;
    return this.#c.ioctlsocket(handle, constants.FIONBIO, this.#value) === 0 ? 0 : this.#failed();
  }

  /** No process that is started inherits the handle. */
  setCloseOnExec(handle: number): number {
    return this.#c.SetHandleInformation(handle, constants.HANDLE_FLAG_INHERIT, 0) !== 0 ? 0 : this.#failed();
  }

  /** The handle, if what was done to it succeeded; else it is closed, and the failure returned. */
  closedUnless(handle: number, result: number): number {
    if (result >= 0) return handle;
    this.#c.closesocket(handle);
    return result;
  }

  /** An option of SOL_SOCKET that is an integer, or 0 if it cannot be read. */
  option(handle: number, name: number): number {
    this.#value[0] = 0;
    this.#length[0] = 4;
    this.#c.getsockopt(handle, constants.SOL_SOCKET, name, this.#value, this.#length);
    return this.#value[0];
  }

  /** Whether an ICMP "port unreachable" makes a UDP socket's next receive fail. Without effect where it is unknown. */
  reportRefusals(handle: number, enabled: boolean): void {
    this.#value[0] = enabled ? 1 : 0;
    this.#c.WSAIoctl(handle, constants.SIO_UDP_CONNRESET, this.#value, 4, null, 0, this.#returned, null, null);
  }

  /** What `getsockname` says of an unbound socket on Unix, but refuses to here. */
  wildcardAddress(handle: number, addresses: SocketAddressCodec, into: Uint8Array): number {
    const { size, fields } = layouts.WSAPROTOCOL_INFOW;
    const info = new Uint8Array(size);
    this.#length[0] = size;
    const { SOL_SOCKET, SO_PROTOCOL_INFOW } = constants;
    if (this.#c.getsockopt(handle, SOL_SOCKET, SO_PROTOCOL_INFOW, info, this.#length) !== 0) return this.#failed();
    const family = new DataView(info.buffer).getInt32(fields.iAddressFamily.offset, true);
    const wildcard = addresses.encode(wildcardOf(family));
    into.set(wildcard.subarray(0, into.length));
    return wildcard.length;
  }

  #failed(): number {
    return -this.#c.WSAGetLastError();
  }
}

function wildcardOf(family: number): SocketAddress {
  if (family === constants.AF_INET) return { family: 4, address: "0.0.0.0", port: 0 };
  if (family === constants.AF_INET6) return { family: 6, address: "::", port: 0 };
  return { family: "unix", address: "", port: 0 };
}
