import { AddressError } from "./address-error.js";
import type { Constants } from "./constants/constants.js";
import { getFamily } from "./family-field.js";
import { checkSize, decodeIpv4, decodeIpv6, encodeIp, type IpSocketAddress } from "./ip-socket-address.js";
import type { Layouts } from "./layouts/layouts.js";
import { decodeUnix, encodeUnix, type UnixSocketAddress } from "./unix-address.js";

/** Where a socket is: `family` tells which kind of address it is. */
export type SocketAddress = IpSocketAddress | UnixSocketAddress;

/** IPv4, IPv6, or a Unix socket's. */
export type AddressFamily = SocketAddress["family"];

/**
 * Turns addresses into the `sockaddr` bytes of one system, and back.
 *
 * Source: `sockaddr_in`, `sockaddr_in6` in <netinet/in.h>, `sockaddr_un` in <sys/un.h>, POSIX.1-2017; RFC 3493,
 * section 3.3; BSDs begin them with their length.
 */
export class SocketAddressCodec {
  readonly #constants: Constants;
  readonly #layouts: Layouts;

  constructor(constants: Constants, layouts: Layouts) {
    this.#constants = constants;
    this.#layouts = layouts;
  }

  /** Bytes that hold the address of any family: what to give to `getsockname` and `recvfrom`. */
  get maxSize(): number {
    return this.#layouts.sockaddr_storage.size;
  }

  /**
   * The exact bytes for `bind` and `connect`. The caller owns them.
   *
   * @throws AddressError `ERR_INVALID_IP_ADDRESS`, `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_SCOPE_ID`,
   * `ERR_INVALID_FLOW_INFO`, `ERR_INVALID_UNIX_PATH`
   */
  encode(address: SocketAddress): Uint8Array<ArrayBuffer> {
    if (address.family !== "unix") return encodeIp(address, this.#constants, this.#layouts);
    return encodeUnix(address.address, this.#constants.AF_UNIX, this.#layouts.sockaddr_un);
  }

  /**
   * Reads what the system wrote. `bytes` may be longer than an IPv4 or IPv6 address; a Unix one is as long as the system
   * said, so give it exactly: `decode(into.subarray(0, system.localAddress(handle, into)))`.
   *
   * @throws AddressError `ERR_INVALID_SOCKET_ADDRESS` if it is too short, or of another family than these
   */
  decode(bytes: Uint8Array): SocketAddress {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { AF_INET, AF_INET6, AF_UNIX } = this.#constants;
    const { ss_family } = this.#layouts.sockaddr_storage.fields;
    checkSize(bytes, ss_family.offset + ss_family.size);
    const family = getFamily(view, ss_family);
    if (family === AF_INET) return decodeIpv4(bytes, view, this.#layouts.sockaddr_in);
    if (family === AF_INET6) return decodeIpv6(bytes, view, this.#layouts.sockaddr_in6);
    if (family === AF_UNIX) return decodeUnix(bytes, this.#layouts.sockaddr_un);
    throw new AddressError(
      "ERR_INVALID_SOCKET_ADDRESS",
      `address family: expected AF_INET (${AF_INET}), AF_INET6 (${AF_INET6}) or AF_UNIX (${AF_UNIX}), got ${family}`,
    );
  }
}
