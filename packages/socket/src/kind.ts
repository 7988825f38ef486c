import type { AddressFamily, System } from "@p2pnet/sys";
import { expectOneOf, SocketError } from "./errors.js";

/** A stream of bytes over the network, single datagrams over the network, or a stream of bytes within the machine. */
export type SocketKind = "tcp" | "udp" | "unix";

/** The Internet protocol of a TCP or UDP socket. */
export type SocketFamily = 4 | 6;

/** What a socket is from its first moment to its last. */
export interface SocketType {
  readonly kind: SocketKind;
  readonly family: AddressFamily;
}

/**
 * What `Socket.open` was asked for.
 *
 * @throws SocketError `ERR_INVALID_ARG_VALUE` for an unknown kind or family, or a family of a Unix socket
 */
export function socketType(kind: SocketKind, family: SocketFamily | undefined): SocketType {
  expectOneOf("kind", kind, ["tcp", "udp", "unix"]);
  if (kind !== "unix") return { kind, family: expectOneOf("family", family ?? 4, [4, 6]) };
  if (family === undefined) return { kind, family: "unix" };
  throw new SocketError("ERR_INVALID_ARG_VALUE", `family: expected none for a Unix socket, got ${family}`);
}

/** The three numbers that socket(2) wants. */
export function socketNumbers(
  { constants }: System,
  { kind, family }: SocketType,
): [domain: number, type: number, protocol: number] {
  const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, IPPROTO_TCP, IPPROTO_UDP } = constants;
  if (family === "unix") return [AF_UNIX, SOCK_STREAM, 0];
  const domain = family === 4 ? AF_INET : AF_INET6;
  return kind === "udp" ? [domain, SOCK_DGRAM, IPPROTO_UDP] : [domain, SOCK_STREAM, IPPROTO_TCP];
}

/** The kind of a socket with that SO_TYPE and family, or null if it is none of ours. */
export function kindOf({ constants }: System, type: number, family: AddressFamily): SocketKind | null {
  if (type === constants.SOCK_STREAM) return family === "unix" ? "unix" : "tcp";
  if (type === constants.SOCK_DGRAM && family !== "unix") return "udp";
  return null;
}
