import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constantsFor } from "../src/constants/constants.js";
import { layoutsFor } from "../src/layouts/layouts.js";
import { type SocketAddress, SocketAddressCodec } from "../src/socket-address.js";

const platforms = ["linux", "darwin", "freebsd", "win32"] as const;
type Platform = (typeof platforms)[number];

const codec = (platform: Platform): SocketAddressCodec =>
  new SocketAddressCodec(constantsFor(platform, "x64"), layoutsFor(platform, "x64"));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unix = (address: string): SocketAddress => ({ family: "unix", address, port: 0 });

describe("the bytes of a Unix address", () => {
  // family (with the length on BSDs), path, NUL
  it.each([
    ["linux", "0100 2f61 00"],
    ["darwin", "0501 2f61 00"],
    ["freebsd", "0501 2f61 00"],
    ["win32", "0100 2f61 00"],
  ] as const)("are those of sockaddr_un on %s", (platform, bytes) => {
    expect(hex(codec(platform).encode(unix("/a")))).toBe(bytes.replaceAll(" ", ""));
  });

  it("have no NUL after an abstract name, where it would belong to the name", () => {
    expect(hex(codec("linux").encode(unix("\0a")))).toBe("01000061");
  });

  it("are the family alone for the unnamed one", () => {
    expect(hex(codec("linux").encode(unix("")))).toBe("0100");
  });

  it.each(platforms)("come back as the same address on %s", (platform) => {
    const addresses = codec(platform);
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !name.includes("\0"));
    const abstract = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => /[^\0]/.test(name));
    const address = fc.oneof(
      text,
      abstract.map((name) => `\0${name}`),
    );
    fc.assert(
      fc.property(address, (original) => {
        expect(addresses.decode(addresses.encode(unix(original)))).toEqual(unix(original));
      }),
    );
  });

  it.each(platforms)("are not cut when they are too many for the struct: the system says so (%s)", (platform) => {
    const { size, fields } = layoutsFor(platform, "x64").sockaddr_un;
    const length = fields.sun_path.size;
    const fills = codec(platform).encode(unix("x".repeat(length)));
    const tooLong = codec(platform).encode(unix("x".repeat(length + 1)));
    expect(fills.length).toBe(size);
    expect(tooLong.length).toBeGreaterThan(size);
  });

  it("are read up to a path's NUL, and to the end of an abstract name", () => {
    const decode = (text: string): SocketAddress => codec("linux").decode(Buffer.from(`\x01\0${text}`));
    expect(decode("/a\0left over")).toEqual(unix("/a"));
    expect(decode("/unterminated")).toEqual(unix("/unterminated"));
    expect(decode("\0a\0b\0")).toEqual(unix("\0a\0b\0"));
  });

  it("are unnamed without a path, and with zeros for one, as BSDs have it", () => {
    expect(codec("linux").decode(Uint8Array.of(1, 0))).toEqual(unix(""));
    expect(codec("darwin").decode(Uint8Array.of(16, 1, ...new Uint8Array(14)))).toEqual(unix(""));
  });
});

it("a path with a NUL in it is refused: the system would take it for a shorter one", () => {
  expect(() => codec("linux").encode(unix("/a\0b"))).toThrow(
    expect.objectContaining({
      name: "AddressError",
      code: "ERR_INVALID_UNIX_PATH",
      message: `path: expected no NUL in it, got "/a\\u0000b"`,
    }),
  );
});
