import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressError } from "../src/address-error.js";
import { formatIpAddress, parseIpAddress } from "../src/ip-address.js";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const fourBytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Half of the bytes are zero, so that runs of zeros, and mapped addresses, come up. */
const sixteenBytes = fc.oneof(
  fc
    .array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 })
    .map((list) => Uint8Array.from(list)),
  fourBytes.map((quad) => Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, ...quad])),
);
/** Texts near the border between addresses and nonsense. */
const addressLike = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.stringMatching(/^[0-9a-f:.]{0,24}$/),
  fc.string(),
);

describe("parseIpAddress", () => {
  it.each([
    ["127.0.0.1", 4, "7f000001", null],
    ["255.255.255.255", 4, "ffffffff", null],
    ["::", 6, "00000000000000000000000000000000", null],
    ["::1", 6, "00000000000000000000000000000001", null],
    ["1::", 6, "00010000000000000000000000000000", null],
    ["2001:DB8::8:800:200c:417a", 6, "20010db80000000000080800200c417a", null],
    ["1:2:3:4:5:6:7:8", 6, "00010002000300040005000600070008", null],
    ["::ffff:192.0.2.1", 6, "00000000000000000000ffffc0000201", null],
    ["64:ff9b::192.0.2.33", 6, "0064ff9b0000000000000000c0000221", null],
    ["fe80::1%eth0", 6, "fe800000000000000000000000000001", "eth0"],
    ["fe80::1%3", 6, "fe800000000000000000000000000001", "3"],
  ] as const)("takes %s apart", (text, family, hex, scope) => {
    expect(parseIpAddress(text)).toEqual({ family, bytes: bytes(hex), scope });
  });

  it.each([
    "",
    "localhost",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4%1",
    ":",
    ":::",
    "1::2::3",
    "12345::",
    "::1%",
    "[::1]",
  ])("knows that %j is none", (text) => {
    expect(parseIpAddress(text)).toBeNull();
  });

  it("takes exactly what Node takes, as the same family", () => {
    fc.assert(
      fc.property(addressLike, (text) => {
        fc.pre(!text.includes("%"));
        expect(parseIpAddress(text)?.family ?? 0).toBe(isIP(text));
      }),
    );
  });

  it("reads the same address as Node", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ours = parseIpAddress(text)!;
        const node = new SocketAddress({ address: text, family: ours.family === 4 ? "ipv4" : "ipv6" });
        expect(ours.bytes).toEqual(parseIpAddress(node.address)?.bytes);
      }),
    );
  });
});

describe("formatIpAddress", () => {
  it.each([
    ["7f000001", "127.0.0.1"],
    ["00000000000000000000000000000000", "::"],
    ["00000000000000000000000000000001", "::1"],
    ["00010000000000000000000000000000", "1::"],
    ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
    // RFC 5952: leading zeros go (4.1), as much as possible is shortened (4.2.1), but not a single group (4.2.2).
    ["20010db8000000000000000000020001", "2001:db8::2:1"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    // The longest run, and the first of two equal ones (4.2.3), in lower case (4.3).
    ["20010000000000010000000000000001", "2001:0:0:1::1"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["abcdef00000000000000000000000000", "abcd:ef00::"],
  ])("writes %s as %s", (hex, text) => {
    expect(formatIpAddress(bytes(hex))).toBe(text);
  });

  it("writes what parses to the same bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fourBytes, sixteenBytes), (address) => {
        expect(parseIpAddress(formatIpAddress(address))).toEqual({
          family: address.length === 4 ? 4 : 6,
          bytes: address,
          scope: null,
        });
      }),
    );
  });

  it("writes as Node does, except for the obsolete ::a.b.c.d", () => {
    fc.assert(
      fc.property(fc.oneof(fourBytes, sixteenBytes), (address) => {
        const text = formatIpAddress(address);
        const node = new SocketAddress({ address: text, family: address.length === 4 ? "ipv4" : "ipv6" }).address;
        fc.pre(!/^::\d+\.\d/.test(node));
        expect(text).toBe(node);
      }),
    );
  });

  it("refuses any other number of bytes", () => {
    expect(() => formatIpAddress(new Uint8Array(5))).toThrow(
      new AddressError("ERR_INVALID_IP_ADDRESS", "address: expected 4 or 16 bytes, got 5"),
    );
  });
});
