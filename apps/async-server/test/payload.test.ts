import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPayload, SHOWN_HEX_BYTES, SHOWN_TEXT_BYTES } from "../src/payload.js";
import { jsonLine } from "./json-line.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

describe("a payload on the terminal", () => {
  it("is quoted where it is text", () => {
    expect(formatPayload(utf8("Hello from framed client!"))).toBe('"Hello from framed client!"');
    expect(formatPayload(utf8("grüße, 你好 👩‍🚀"))).toBe('"grüße, 你好 👩‍🚀"');
  });

  it("has line ends, tabs, quotes and backslashes escaped", () => {
    expect(formatPayload(utf8('a\tb\r\nsay "hi" \\'))).toBe('"a\\tb\\r\\nsay \\"hi\\" \\\\"');
  });

  it.each([
    ["a zero byte", "a\0b", "61 00 62"],
    ["ESC", "\x1b[2J", "1b 5b 32 4a"],
    ["BEL", "\x07", "07"],
    ["DEL", "\x7f", "7f"],
    ["C1's CSI", "\u009b2J", "c2 9b 32 4a"],
    ["a bidi override", "a\u202e", "61 e2 80 ae"],
    ["a bidi isolate", "\u2066", "e2 81 a6"],
    ["a byte order mark", "\ufeffa", "ef bb bf 61"],
    ["a line separator", "\u2028", "e2 80 a8"],
  ])("is hex with %s", (_, text, hex) => {
    expect(formatPayload(utf8(text))).toBe(hex);
  });

  it("is hex where it is not UTF-8", () => {
    expect(formatPayload(Uint8Array.of(0xff, 0xfe))).toBe("ff fe");
    expect(formatPayload(Uint8Array.of(0x61, 0xc3))).toBe("61 c3");
    expect(formatPayload(Uint8Array.of(0xed, 0xa0, 0x80))).toBe("ed a0 80");
  });

  it("is cut, between characters, and tells how much more there is", () => {
    const long = "x".repeat(SHOWN_TEXT_BYTES);
    expect(formatPayload(utf8(long))).toBe(`"${long}"`);
    expect(formatPayload(utf8(`${long}y`))).toBe(`"${long}"... (1 bytes more)`);
    const cutInside = `${"x".repeat(SHOWN_TEXT_BYTES - 1)}你${"z".repeat(1000)}`;
    expect(formatPayload(utf8(cutInside))).toBe(`"${"x".repeat(SHOWN_TEXT_BYTES - 1)}"... (1003 bytes more)`);
    expect(formatPayload(new Uint8Array(100))).toBe(
      `${Array(SHOWN_HEX_BYTES).fill("00").join(" ")}... (${100 - SHOWN_HEX_BYTES} bytes more)`,
    );
  });

  it("never carries a control character, and is never long", () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary", maxLength: 100 }).map(utf8),
      fc
        .string({ unit: fc.constantFrom("a", "\x1b", "\r", "\u009b", "\u202e", "\u2028", "é", "\n"), maxLength: 60 })
        .map(utf8),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        const shown = formatPayload(payload);
        expect(shown).not.toMatch(CONTROL);
        expect(shown.length).toBeLessThan(2 * SHOWN_TEXT_BYTES + 40);
      }),
    );
  });
});

describe("a payload in JSON", () => {
  it("parses back to what was sent, and carries no control character either", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
        const line = jsonLine({ event: "received", client: 1, payload: utf8(text) });
        expect(line).not.toMatch(CONTROL);
        const parsed = JSON.parse(line) as { text?: string; hex?: string; bytes: number };
        const bytes =
          parsed.hex === undefined ? utf8(parsed.text!) : Buffer.from(parsed.hex.replaceAll(" ", ""), "hex");
        expect(parsed.bytes).toBe(utf8(text).length);
        if (parsed.bytes <= SHOWN_HEX_BYTES) expect(Array.from(bytes)).toEqual(Array.from(utf8(text)));
      }),
    );
  });

  it("tells how much more there is", () => {
    const line = jsonLine({ event: "received", client: 2, payload: new Uint8Array(40) });
    expect(JSON.parse(line)).toMatchObject({
      event: "received",
      client: 2,
      bytes: 40,
      hex: Array(32).fill("00").join(" "),
      more: 8,
    });
  });

  it("escapes what the text of an error quotes", () => {
    const line = jsonLine({ event: "error", code: "X", message: "\u009b \u202e \u{e0001} 👩‍🚀" });
    expect(line).toContain('"event":"error","code":"X","message":"\\u009b \\u202e \\udb40\\udc01 👩‍🚀"}');
  });
});
