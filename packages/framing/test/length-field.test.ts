import { describe, expect, test } from "vitest";
import { decodeFrames, FrameDecoder, FrameEncoder, type LengthFieldSize } from "../src/index.js";
import { payload, thrownBy, wireFormats } from "./samples.js";

/** What each header says for a payload of 258 bytes (0x0102), by hand. */
const headersOf258: [LengthFieldSize, "big" | "little", number[]][] = [
  [2, "big", [1, 2]],
  [2, "little", [2, 1]],
  [3, "big", [0, 1, 2]],
  [3, "little", [2, 1, 0]],
  [4, "big", [0, 0, 1, 2]],
  [4, "little", [2, 1, 0, 0]],
  [8, "big", [0, 0, 0, 0, 0, 0, 1, 2]],
  [8, "little", [2, 1, 0, 0, 0, 0, 0, 0]],
  ["varint", "big", [0x82, 0x02]],
  ["varint", "little", [0x82, 0x02]],
];

/** Written into the header, and the number that the field's bytes mean. */
const greatest: [LengthFieldSize, number, number][] = [
  [1, 0xff, 1],
  [2, 0xffff, 2],
  [3, 0xff_ffff, 3],
  [4, 0xffff_ffff, 4],
  [8, Number.MAX_SAFE_INTEGER, 8],
  ["varint", Number.MAX_SAFE_INTEGER, 8],
];

describe("the bytes of a header", () => {
  test.each(headersOf258)("length field %s, %s-endian", (lengthField, byteOrder, header) => {
    const frame = new FrameEncoder({ lengthField, byteOrder }).encode(payload(258));
    expect([...frame.subarray(0, header.length)]).toEqual(header);
    expect(frame.subarray(header.length)).toEqual(payload(258));
  });

  test("one byte", () => {
    expect([...new FrameEncoder({ lengthField: 1 }).encode(payload(255)).subarray(0, 1)]).toEqual([255]);
  });

  test.each([
    [0, [0]],
    [1, [1]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [300, [0xac, 0x02]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 0x01]],
  ])("the varint of %i", (length, bytes) => {
    const encoder = new FrameEncoder({ lengthField: "varint", allowEmpty: true });
    expect([...encoder.encode(payload(length)).subarray(0, bytes.length)]).toEqual(bytes);
    expect(encoder.headerLength(length)).toBe(bytes.length);
  });
});

describe("lengths that only a header can show", () => {
  test.each(greatest)("length field %s reads back its greatest length", (lengthField, maxLength, headerLength) => {
    for (const byteOrder of ["big", "little"] as const) {
      const encoder = new FrameEncoder({ lengthField, byteOrder, maxLength });
      const decoder = new FrameDecoder({ lengthField, byteOrder, maxLength });
      for (const length of [maxLength, maxLength - 1, Math.floor(maxLength / 2), Math.floor(maxLength / 3) + 1]) {
        const header = new Uint8Array(encoder.headerLength(length));
        expect(encoder.writeHeader(header, 0, length)).toBe(header.length);
        const reader = new FrameDecoder({ lengthField, byteOrder, maxLength });
        reader.push(header);
        expect(reader.next()).toBeNull();
        expect(reader.expectedLength).toBe(length);
      }
      expect(encoder.headerLength(maxLength)).toBe(headerLength);
      expect(decoder.expectedLength).toBe(0);
    }
  });
});

describe("headers that are refused", () => {
  test.each(wireFormats)("a length above the maximum: $lengthField $byteOrder", (format) => {
    const header = new Uint8Array(8).fill(0);
    const size = new FrameEncoder({ ...format, maxLength: 100 }).headerLength(100);
    header[format.lengthField === "varint" || format.byteOrder === "little" ? 0 : size - 1] = 101;
    const decoder = new FrameDecoder({ ...format, maxLength: 100 });
    decoder.push(header.subarray(0, size));
    expect(thrownBy(() => decoder.next())).toMatchObject({
      code: "ERR_FRAME_TOO_LARGE",
      name: "FrameTooLargeError",
      message: "frame length: expected at most 100 bytes, got 101",
      length: 101,
      maxLength: 100,
    });
  });

  test.each([
    ["all bits set", [255, 255, 255, 255, 255, 255, 255, 255]],
    ["2^53", [0, 0x20, 0, 0, 0, 0, 0, 0]],
    ["2^53 + 1, which no number can say", [0, 0x20, 0, 0, 0, 0, 0, 1]],
    ["2^63", [0x80, 0, 0, 0, 0, 0, 0, 0]],
  ])("8 bytes above what a number holds: %s", (_, header) => {
    const options = { lengthField: 8, maxLength: Number.MAX_SAFE_INTEGER } as const;
    expect(thrownBy(() => decodeFrames(Uint8Array.from(header), options)).code).toBe("ERR_FRAME_TOO_LARGE");
    const reversed = Uint8Array.from(header.toReversed());
    expect(thrownBy(() => decodeFrames(reversed, { ...options, byteOrder: "little" })).code).toBe(
      "ERR_FRAME_TOO_LARGE",
    );
  });

  test("a varint above what a number holds", () => {
    const header = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127);
    const options = { lengthField: "varint", maxLength: Number.MAX_SAFE_INTEGER } as const;
    expect(thrownBy(() => decodeFrames(header, options)).code).toBe("ERR_FRAME_TOO_LARGE");
  });

  test("a varint that goes on after its eighth byte", () => {
    const header = new Uint8Array(8).fill(0x80);
    expect(thrownBy(() => decodeFrames(header, { lengthField: "varint" }))).toMatchObject({
      code: "ERR_FRAME_HEADER",
      name: "FrameHeaderError",
      message: "frame header: expected a varint of at most 8 bytes, got a longer one",
    });
  });

  test.each([[[0x80, 0x00]], [[0x81, 0x00]], [[0xff, 0x80, 0x00]]])(
    "a varint longer than its value needs: %j",
    (header) => {
      const options = { lengthField: "varint", allowEmpty: true } as const;
      expect(thrownBy(() => decodeFrames(Uint8Array.from(header), options)).code).toBe("ERR_FRAME_HEADER");
    },
  );
});
