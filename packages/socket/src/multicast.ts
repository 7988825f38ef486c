import { networkInterfaces } from "node:os";
import { type AddressFamily, formatIpAddress, type System } from "@p2pnet/sys";
import { expectText } from "./errors.js";

/**
 * `ip_mreq` or `ipv6_mreq`: which group, on which interface. Without one, the system chooses.
 *
 * @throws AddressError `ERR_INVALID_IP_ADDRESS` for a group that is no address of the family, or an IPv4 interface that is
 * neither an address nor a name; `ERR_INVALID_SCOPE_ID` for an IPv6 interface that is neither a number nor a name
 */
export function groupRequest(system: System, group: string, on: string | undefined, family: AddressFamily): Uint8Array {
  expectText("group", group);
  if (on !== undefined) expectText("interface", on);
  return family === 6 ? ipv6Request(system, group, on) : ipv4Request(system, group, on ?? "0.0.0.0");
}

/** The value of IP_MULTICAST_IF or IPV6_MULTICAST_IF. Both have 4 bytes: an address, or a number. */
export function interfaceValue(system: System, name: string, family: AddressFamily): Uint8Array {
  expectText("interface", name);
  return family === 6 ? ipv6Parts(system, "::", name).scope : ipv4Bytes(system, interfaceAddress(name));
}

/** What `interfaceValue` made, as text. */
export function interfaceText(value: Uint8Array, family: AddressFamily): string {
  return family === 6 ? `${new DataView(value.buffer).getUint32(0, true)}` : formatIpAddress(value);
}

function ipv4Request(system: System, group: string, on: string): Uint8Array {
  const { size, fields } = system.layouts.ip_mreq;
  const request = new Uint8Array(size);
  request.set(ipv4Bytes(system, group), fields.imr_multiaddr.offset);
  request.set(ipv4Bytes(system, interfaceAddress(on)), fields.imr_interface.offset);
  return request;
}

function ipv6Request(system: System, group: string, on: string | undefined): Uint8Array {
  const { size, fields } = system.layouts.ipv6_mreq;
  const request = new Uint8Array(size);
  const { address, scope } = ipv6Parts(system, group, on);
  request.set(address, fields.ipv6mr_multiaddr.offset);
  request.set(scope, fields.ipv6mr_interface.offset);
  return request;
}

/** An interface's IPv4 address, for a name; anything else is taken for an address. */
function interfaceAddress(name: string): string {
  return networkInterfaces()[name]?.find(({ family }) => family === "IPv4")?.address ?? name;
}

// A socket address has all the parts that the requests are made of, and whoever encodes it checks them.
function ipv4Bytes(system: System, address: string): Uint8Array {
  const { offset, size } = system.layouts.sockaddr_in.fields.sin_addr;
  return system.addresses.encode({ family: 4, address, port: 0 }).subarray(offset, offset + size);
}

function ipv6Parts(system: System, address: string, scope?: string): { address: Uint8Array; scope: Uint8Array } {
  const text = scope === undefined ? address : `${address}%${scope}`;
  const bytes = system.addresses.encode({ family: 6, address: text, port: 0 });
  const { sin6_addr, sin6_scope_id } = system.layouts.sockaddr_in6.fields;
  return {
    address: bytes.subarray(sin6_addr.offset, sin6_addr.offset + sin6_addr.size),
    scope: bytes.subarray(sin6_scope_id.offset, sin6_scope_id.offset + sin6_scope_id.size),
  };
}
