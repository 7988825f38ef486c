import { AddressError } from "./address-error.js";
import type { Constants } from "./constants/constants.js";
import { formatIpAddress, type IpAddress, parseIpAddress } from "./ip-address.js";
import type { Field, Layouts } from "./layouts/layouts.js";
import { checkScopeId, scopeIdOf } from "./scope-id.js";

/** An IPv4 or IPv6 address with a port. */
export interface SocketAddress {
  readonly family: 4 | 6;
  /** Numeric text, such as `127.0.0.1` or `::1`. IPv6 may carry a scope, as in `fe80::1%3` or `fe80::1%eth0`. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
  /** IPv6 only: the number of the interface that a link-local address belongs to. Left out when 0. */
  readonly scopeId?: number;
  /** IPv6 only: traffic class and flow label, 32 bits. Left out when 0. */
  readonly flowInfo?: number;
}

/**
 * Turns addresses into the `sockaddr` bytes of one system, and back.
 *
 * Source: `sockaddr_in`, `sockaddr_in6` in <netinet/in.h>, POSIX.1-2017; RFC 3493, section 3.3; BSDs begin them with
 * their length.
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
   * @throws AddressError `ERR_INVALID_IP_ADDRESS`, `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_SCOPE_ID`, `ERR_INVALID_FLOW_INFO`
   */
  encode(address: SocketAddress): Uint8Array<ArrayBuffer> {
    const ip = parseIpAddress(address.address);
    if (ip === null || ip.family !== address.family) {
      const expected = `a numeric IPv${address.family} address`;
      throw new AddressError("ERR_INVALID_IP_ADDRESS", `address: expected ${expected}, got ${address.address}`);
    }
    checkPort(address.port);
    return ip.family === 4 ? this.#encodeIpv4(ip, address) : this.#encodeIpv6(ip, address);
  }

  /**
   * Reads what the system wrote. `bytes` may be longer than the address.
   *
   * @throws AddressError `ERR_INVALID_SOCKET_ADDRESS` if it is too short, or of another family than IPv4 and IPv6
   */
  decode(bytes: Uint8Array): SocketAddress {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { AF_INET, AF_INET6 } = this.#constants;
    const { ss_family } = this.#layouts.sockaddr_storage.fields;
    checkSize(bytes, ss_family.offset + ss_family.size);
    const family = getFamily(view, ss_family);
    if (family === AF_INET) return this.#decodeIpv4(bytes, view);
    if (family === AF_INET6) return this.#decodeIpv6(bytes, view);
    throw new AddressError(
      "ERR_INVALID_SOCKET_ADDRESS",
      `address family: expected AF_INET (${AF_INET}) or AF_INET6 (${AF_INET6}), got ${family}`,
    );
  }

  #encodeIpv4(ip: IpAddress, address: SocketAddress): Uint8Array<ArrayBuffer> {
    const { size, fields } = this.#layouts.sockaddr_in;
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    if (fields.sin_len !== null) view.setUint8(fields.sin_len.offset, size);
    setFamily(view, fields.sin_family, this.#constants.AF_INET);
    view.setUint16(fields.sin_port.offset, address.port);
    bytes.set(ip.bytes, fields.sin_addr.offset);
    return bytes;
  }

  #encodeIpv6(ip: IpAddress, address: SocketAddress): Uint8Array<ArrayBuffer> {
    const { size, fields } = this.#layouts.sockaddr_in6;
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    if (fields.sin6_len !== null) view.setUint8(fields.sin6_len.offset, size);
    setFamily(view, fields.sin6_family, this.#constants.AF_INET6);
    view.setUint16(fields.sin6_port.offset, address.port);
    view.setUint32(fields.sin6_flowinfo.offset, checkFlowInfo(address.flowInfo ?? 0));
    bytes.set(ip.bytes, fields.sin6_addr.offset);
    view.setUint32(fields.sin6_scope_id.offset, scopeId(ip, address), true);
    return bytes;
  }

  #decodeIpv4(bytes: Uint8Array, view: DataView): SocketAddress {
    const { size, fields } = this.#layouts.sockaddr_in;
    checkSize(bytes, size);
    const address = formatIpAddress(slice(bytes, fields.sin_addr));
    return { family: 4, address, port: view.getUint16(fields.sin_port.offset) };
  }

  #decodeIpv6(bytes: Uint8Array, view: DataView): SocketAddress {
    const { size, fields } = this.#layouts.sockaddr_in6;
    checkSize(bytes, size);
    const address = formatIpAddress(slice(bytes, fields.sin6_addr));
    const scopeId = view.getUint32(fields.sin6_scope_id.offset, true);
    const flowInfo = view.getUint32(fields.sin6_flowinfo.offset);
    return {
      family: 6,
      address,
      port: view.getUint16(fields.sin6_port.offset),
      ...(scopeId !== 0 && { scopeId }),
      ...(flowInfo !== 0 && { flowInfo }),
    };
  }
}

/** The scope in the address's text, or the one beside it; they may not differ. */
function scopeId(ip: IpAddress, { address, scopeId }: SocketAddress): number {
  const beside = scopeId === undefined ? null : checkScopeId(scopeId);
  if (ip.scope === null) return beside ?? 0;
  const inText = scopeIdOf(ip.scope);
  if (beside !== null && beside !== inText) {
    throw new AddressError("ERR_INVALID_SCOPE_ID", `scopeId: expected ${inText}, as in ${address}, got ${beside}`);
  }
  return inText;
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return;
  throw new AddressError("ERR_SOCKET_BAD_PORT", `port: expected an integer from 0 to 65535, got ${port}`);
}

function checkFlowInfo(flowInfo: number): number {
  if (Number.isInteger(flowInfo) && flowInfo >= 0 && flowInfo <= 0xffff_ffff) return flowInfo;
  throw new AddressError(
    "ERR_INVALID_FLOW_INFO",
    `flowInfo: expected an integer from 0 to 4294967295, got ${flowInfo}`,
  );
}

function checkSize(bytes: Uint8Array, size: number): void {
  if (bytes.length >= size) return;
  throw new AddressError(
    "ERR_INVALID_SOCKET_ADDRESS",
    `socket address: expected at least ${size} bytes, got ${bytes.length}`,
  );
}

// One byte on BSDs, two elsewhere.
function setFamily(view: DataView, field: Field, family: number): void {
  if (field.size === 1) view.setUint8(field.offset, family);
  else view.setUint16(field.offset, family, true);
}

function getFamily(view: DataView, field: Field): number {
  return field.size === 1 ? view.getUint8(field.offset) : view.getUint16(field.offset, true);
}

function slice(bytes: Uint8Array, field: Field): Uint8Array {
  return bytes.subarray(field.offset, field.offset + field.size);
}
