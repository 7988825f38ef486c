import { isIPv4, isIPv6 } from "node:net";
import { AddressError } from "./address-error.js";

/** A numeric address taken apart. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 bytes, in network order. */
  readonly bytes: Uint8Array;
  /** What follows `%` in an IPv6 address: the name or number of an interface (RFC 4007, section 11). */
  readonly scope: string | null;
}

/** Takes a numeric address apart: dotted quads, and IPv6 as RFC 4291, section 2.2 writes it. Null for anything else. */
export function parseIpAddress(text: string): IpAddress | null {
  const percent = text.indexOf("%");
  const address = percent === -1 ? text : text.slice(0, percent);
  const scope = percent === -1 ? null : text.slice(percent + 1);
  if (isIPv4(address) && scope === null) return { family: 4, bytes: Uint8Array.from(quadBytes(address)), scope };
  if (isIPv6(address) && scope !== "") return { family: 6, bytes: ipv6Bytes(address), scope };
  return null;
}

/**
 * Writes an address as text: a dotted quad, or IPv6 as RFC 5952 wants it, IPv4-mapped ones with a dotted quad at the end.
 *
 * @param bytes 4 or 16, in network order
 * @throws AddressError `ERR_INVALID_IP_ADDRESS` for any other number of bytes
 */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) {
    throw new AddressError("ERR_INVALID_IP_ADDRESS", `address: expected 4 or 16 bytes, got ${bytes.length}`);
  }
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const hex = groups.map((group) => group.toString(16));
  const zeros = longestZeroRun(groups);
  // RFC 5952, section 4.2.2: a single zero group is not shortened.
  if (zeros.length < 2) return hex.join(":");
  return `${hex.slice(0, zeros.start).join(":")}::${hex.slice(zeros.start + zeros.length).join(":")}`;
}

function quadBytes(quad: string): number[] {
  return quad.split(".").map(Number);
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = "", tail = ""] = address.split("::");
  const before = groupBytes(head);
  const after = groupBytes(tail);
  const bytes = new Uint8Array(16);
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  return bytes;
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return quadBytes(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `::ffff:0:0/96`: an IPv4 address as an IPv6 socket sees it (RFC 4291, section 2.5.5.2). */
function isMapped(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
}

/** The first of the longest runs of zeros: RFC 5952, section 4.2.3. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: i + 1 - length, length };
  });
  return longest;
}
