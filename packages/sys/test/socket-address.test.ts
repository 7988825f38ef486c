import type { NetworkInterfaceInfo } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressError, type AddressErrorCode } from "../src/address-error.js";
import { constantsFor } from "../src/constants/constants.js";
import { formatIpAddress } from "../src/ip-address.js";
import type { IpSocketAddress } from "../src/ip-socket-address.js";
import { layoutsFor } from "../src/layouts/layouts.js";
import { scopeIdOf } from "../src/scope-id.js";
import { type SocketAddress, SocketAddressCodec } from "../src/socket-address.js";

const platforms = ["linux", "darwin", "freebsd", "win32"] as const;
type Platform = (typeof platforms)[number];

const codec = (platform: Platform): SocketAddressCodec =>
  new SocketAddressCodec(constantsFor(platform, "x64"), layoutsFor(platform, "x64"));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const ipv4: IpSocketAddress = { family: 4, address: "192.0.2.33", port: 8080 };
const ipv6: IpSocketAddress = { family: 6, address: "fe80::a1", port: 443, scopeId: 3, flowInfo: 0x12345 };

describe("the bytes of a sockaddr", () => {
  // family (with its length on BSDs), port, address, eight unused bytes
  it.each([
    ["linux", "0200 1f90 c0000221 0000000000000000"],
    ["darwin", "1002 1f90 c0000221 0000000000000000"],
    ["freebsd", "1002 1f90 c0000221 0000000000000000"],
    ["win32", "0200 1f90 c0000221 0000000000000000"],
  ] as const)("are those of sockaddr_in on %s", (platform, bytes) => {
    expect(hex(codec(platform).encode(ipv4))).toBe(bytes.replaceAll(" ", ""));
  });

  // family (with its length on BSDs), port, flow information, address, scope
  it.each([
    ["linux", "0a00 01bb 00012345 fe8000000000000000000000000000a1 03000000"],
    ["darwin", "1c1e 01bb 00012345 fe8000000000000000000000000000a1 03000000"],
    ["freebsd", "1c1c 01bb 00012345 fe8000000000000000000000000000a1 03000000"],
    ["win32", "1700 01bb 00012345 fe8000000000000000000000000000a1 03000000"],
  ] as const)("are those of sockaddr_in6 on %s", (platform, bytes) => {
    expect(hex(codec(platform).encode(ipv6))).toBe(bytes.replaceAll(" ", ""));
  });

  const port = fc.nat(65535);
  const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
  const text = (length: number): fc.Arbitrary<string> =>
    fc.uint8Array({ minLength: length, maxLength: length }).map(formatIpAddress);
  const address: fc.Arbitrary<SocketAddress> = fc.oneof(
    fc.record({ family: fc.constant(4 as const), address: text(4), port }),
    fc.record(
      { family: fc.constant(6 as const), address: text(16), port, scopeId: uint32, flowInfo: uint32 },
      { requiredKeys: ["family", "address", "port"] },
    ),
  );

  it.each(platforms)("come back as the same address on %s", (platform) => {
    const addresses = codec(platform);
    fc.assert(
      fc.property(address, (original) => {
        expect(addresses.decode(addresses.encode(original))).toEqual({ ...original });
      }),
    );
  });

  it("are read from a larger buffer, wherever they lie in it", () => {
    const linux = codec("linux");
    const slab = new Uint8Array(linux.maxSize + 7);
    slab.set(linux.encode(ipv6), 7);
    expect(linux.decode(slab.subarray(7))).toEqual(ipv6);
  });

  it.each(platforms)("fit into maxSize on %s, AF_UNIX paths too", (platform) => {
    expect(codec(platform).maxSize).toBe(128);
    expect(codec(platform).maxSize).toBeGreaterThanOrEqual(layoutsFor(platform, "x64").sockaddr_un.size);
  });
});

describe("scopes", () => {
  it("are taken from the address's text", () => {
    const linux = codec("linux");
    const decoded = linux.decode(linux.encode({ family: 6, address: "fe80::1%3", port: 1 }));
    expect(decoded).toEqual({ family: 6, address: "fe80::1", port: 1, scopeId: 3 });
  });

  it("may be given twice if they agree", () => {
    const linux = codec("linux");
    const encoded = linux.encode({ family: 6, address: "fe80::1%3", port: 1, scopeId: 3 });
    expect(linux.decode(encoded)).toMatchObject({ scopeId: 3 });
  });

  it("are found by the name of an interface", () => {
    const interfaces = { eth0: [ipv4Info, ipv6Info(0), ipv6Info(7)], lo: [ipv6Info(0)] };
    expect(scopeIdOf("eth0", interfaces)).toBe(7);
    expect(() => scopeIdOf("lo", interfaces)).toThrow(AddressError);
  });
});

describe("what is no address", () => {
  it.each<[AddressErrorCode, string, SocketAddress]>([
    [
      "ERR_INVALID_IP_ADDRESS",
      "address: expected a numeric IPv4 address, got localhost",
      { ...ipv4, address: "localhost" },
    ],
    ["ERR_INVALID_IP_ADDRESS", "address: expected a numeric IPv6 address, got 192.0.2.33", { ...ipv4, family: 6 }],
    ["ERR_INVALID_IP_ADDRESS", "address: expected a numeric IPv4 address, got ", { ...ipv4, address: "" }],
    ["ERR_SOCKET_BAD_PORT", "port: expected an integer from 0 to 65535, got 65536", { ...ipv4, port: 65536 }],
    ["ERR_SOCKET_BAD_PORT", "port: expected an integer from 0 to 65535, got -1", { ...ipv6, port: -1 }],
    ["ERR_SOCKET_BAD_PORT", "port: expected an integer from 0 to 65535, got 1.5", { ...ipv4, port: 1.5 }],
    ["ERR_SOCKET_BAD_PORT", "port: expected an integer from 0 to 65535, got NaN", { ...ipv4, port: Number.NaN }],
    ["ERR_INVALID_SCOPE_ID", "scopeId: expected an integer from 0 to 4294967295, got -1", { ...ipv6, scopeId: -1 }],
    [
      "ERR_INVALID_SCOPE_ID",
      "scopeId: expected an integer from 0 to 4294967295, got 4294967296",
      { family: 6, address: "fe80::1%4294967296", port: 1 },
    ],
    ["ERR_INVALID_SCOPE_ID", "scopeId: expected 4, as in fe80::1%4, got 3", { ...ipv6, address: "fe80::1%4" }],
    [
      "ERR_INVALID_SCOPE_ID",
      "scope: expected a number, or the name of an interface with a link-local address, got no-such-interface",
      { family: 6, address: "fe80::1%no-such-interface", port: 1 },
    ],
    [
      "ERR_INVALID_FLOW_INFO",
      "flowInfo: expected an integer from 0 to 4294967295, got 0.5",
      { ...ipv6, flowInfo: 0.5 },
    ],
  ])("is refused with %s: %s", (code, message, address) => {
    expect(() => codec("linux").encode(address)).toThrow(
      expect.objectContaining({ name: "AddressError", code, message }),
    );
  });

  it.each(platforms)("is refused when bytes of %s are cut, or of another family", (platform) => {
    const addresses = codec(platform);
    const refused = (message: string): unknown =>
      expect.objectContaining({ code: "ERR_INVALID_SOCKET_ADDRESS", message: expect.stringContaining(message) });

    expect(() => addresses.decode(new Uint8Array(0))).toThrow(refused("expected at least 2 bytes, got 0"));
    expect(() => addresses.decode(addresses.encode(ipv4).subarray(0, 15))).toThrow(
      refused("expected at least 16 bytes, got 15"),
    );
    expect(() => addresses.decode(addresses.encode(ipv6).subarray(0, 27))).toThrow(
      refused("expected at least 28 bytes, got 27"),
    );
    expect(() => addresses.decode(new Uint8Array(addresses.maxSize))).toThrow(
      refused("expected AF_INET (2), AF_INET6"),
    );
  });
});

const ipv4Info: NetworkInterfaceInfo = {
  address: "192.0.2.1",
  netmask: "255.255.255.0",
  family: "IPv4",
  mac: "00:00:00:00:00:00",
  internal: false,
  cidr: "192.0.2.1/24",
};

function ipv6Info(scopeid: number): NetworkInterfaceInfo {
  return { ...ipv4Info, family: "IPv6", address: "fe80::1", netmask: "ffff:ffff:ffff:ffff::", scopeid };
}
