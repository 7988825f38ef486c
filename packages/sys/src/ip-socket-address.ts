import { AddressError } from "./address-error.js";
import type { Constants } from "./constants/constants.js";
import { setFamily } from "./family-field.js";
import { formatIpAddress, type IpAddress, parseIpAddress } from "./ip-address.js";
import type { Field, Layouts } from "./layouts/layouts.js";
import { checkScopeId, scopeIdOf } from "./scope-id.js";

/** An IPv4 or IPv6 address with a port. */
export interface IpSocketAddress {
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
 * The bytes of a `sockaddr_in` or `sockaddr_in6`.
 *
 * @throws AddressError `ERR_INVALID_IP_ADDRESS`, `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_SCOPE_ID`, `ERR_INVALID_FLOW_INFO`
 */
export function encodeIp(address: IpSocketAddress, constants: Constants, layouts: Layouts): Uint8Array<ArrayBuffer> {
  const ip = parseIpAddress(address.address);
  if (ip === null || ip.family !== address.family) {
    const expected = `a numeric IPv${address.family} address`;
    throw new AddressError("ERR_INVALID_IP_ADDRESS", `address: expected ${expected}, got ${address.address}`);
  }
  checkPort(address.port);
  return ip.family === 4
    ? encodeIpv4(ip, address.port, constants.AF_INET, layouts.sockaddr_in)
    : encodeIpv6(ip, address, constants.AF_INET6, layouts.sockaddr_in6);
}

function encodeIpv4(ip: IpAddress, port: number, AF_INET: number, layout: Layouts["sockaddr_in"]): Bytes {
  const { size, fields } = layout;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (fields.sin_len !== null) view.setUint8(fields.sin_len.offset, size);
  setFamily(view, fields.sin_family, AF_INET);
  view.setUint16(fields.sin_port.offset, port);
  bytes.set(ip.bytes, fields.sin_addr.offset);
  return bytes;
}

function encodeIpv6(ip: IpAddress, address: IpSocketAddress, AF_INET6: number, layout: Layouts["sockaddr_in6"]): Bytes {
  const { size, fields } = layout;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (fields.sin6_len !== null) view.setUint8(fields.sin6_len.offset, size);
  setFamily(view, fields.sin6_family, AF_INET6);
  view.setUint16(fields.sin6_port.offset, address.port);
  view.setUint32(fields.sin6_flowinfo.offset, checkFlowInfo(address.flowInfo ?? 0));
  bytes.set(ip.bytes, fields.sin6_addr.offset);
  view.setUint32(fields.sin6_scope_id.offset, scopeId(ip, address), true);
  return bytes;
}

/** @throws AddressError `ERR_INVALID_SOCKET_ADDRESS` if there are fewer bytes than a `sockaddr_in` has */
export function decodeIpv4(bytes: Uint8Array, view: DataView, layout: Layouts["sockaddr_in"]): IpSocketAddress {
  const { size, fields } = layout;
  checkSize(bytes, size);
  const address = formatIpAddress(slice(bytes, fields.sin_addr));
  return { family: 4, address, port: view.getUint16(fields.sin_port.offset) };
}

/** @throws AddressError `ERR_INVALID_SOCKET_ADDRESS` if there are fewer bytes than a `sockaddr_in6` has */
export function decodeIpv6(bytes: Uint8Array, view: DataView, layout: Layouts["sockaddr_in6"]): IpSocketAddress {
  const { size, fields } = layout;
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

/** @throws AddressError `ERR_INVALID_SOCKET_ADDRESS` */
export function checkSize(bytes: Uint8Array, size: number): void {
  if (bytes.length >= size) return;
  throw new AddressError(
    "ERR_INVALID_SOCKET_ADDRESS",
    `socket address: expected at least ${size} bytes, got ${bytes.length}`,
  );
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The scope in the address's text, or the one beside it; they may not differ. */
function scopeId(ip: IpAddress, { address, scopeId }: IpSocketAddress): number {
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

function slice(bytes: Uint8Array, field: Field): Uint8Array {
  return bytes.subarray(field.offset, field.offset + field.size);
}
