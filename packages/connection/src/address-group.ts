import type { SocketAddress } from "@p2pnet/socket";

/** Groups of an IPv6 address that name its network: 4 of 8, for who has one address there usually has all of them. */
const NETWORK_GROUPS = 4;

/**
 * What limits per address count as one: an IPv4 address, or the /64 network of an IPv6 one (of a link-local address, the
 * address: its network is everybody's). Null for a Unix socket, which has none.
 */
export function addressGroup({ family, address }: SocketAddress): string | null {
  if (family === "unix") return null;
  if (family === 4) return address;
  const [numeric = "", scope] = address.split("%");
  if (numeric.includes(".")) return numeric.slice(numeric.lastIndexOf(":") + 1);
  if (scope !== undefined || numeric.startsWith("fe80:")) return address;
  const [head = "", tail] = numeric.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - first.length - last.length).fill("0");
  return `${[...first, ...zeros, ...last].slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
