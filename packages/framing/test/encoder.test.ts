import { describe, expect, test } from "vitest";
import { encodeFrame, FrameEncoder } from "../src/index.js";
import { concat, payload, thrownBy } from "./samples.js";

describe("a frame", () => {
  test("is the payload length in four bytes, big-endian, and the payload", () => {
    const hello = new TextEncoder().encode("hello");
    expect([...encodeFrame(hello)]).toEqual([0, 0, 0, 5, ...hello]);
  });

  test("is one fresh buffer, not a view of anything", () => {
    const message = payload(10);
    const frame = new FrameEncoder().encode(message);
    expect(frame.buffer.byteLength).toBe(14);
    message.fill(0);
    expect(frame.subarray(4)).toEqual(payload(10));
  });

  test("takes a Buffer and gives a plain Uint8Array", () => {
    expect(Object.getPrototypeOf(encodeFrame(Buffer.from("hi")))).toBe(Uint8Array.prototype);
  });
});

describe("a batch", () => {
  test("is all frames in one buffer", () => {
    const encoder = new FrameEncoder({ lengthField: "varint" });
    const messages = [payload(1, 1), payload(300, 2), payload(127, 3), payload(128, 4)];
    expect(encoder.encodeBatch(messages)).toEqual(concat(messages.map((message) => encoder.encode(message))));
    expect(encoder.encodeBatch(messages).buffer.byteLength).toBe(1 + 300 + 127 + 128 + 1 + 2 + 1 + 2);
  });

  test("of nothing is nothing", () => {
    expect(new FrameEncoder().encodeBatch([])).toEqual(new Uint8Array(0));
  });

  test("with one bad payload is refused as a whole", () => {
    const encoder = new FrameEncoder({ maxLength: 3 });
    expect(thrownBy(() => encoder.encodeBatch([payload(1), payload(4)])).code).toBe("ERR_FRAME_TOO_LARGE");
    expect(thrownBy(() => encoder.encodeBatch([payload(1), payload(0)])).code).toBe("ERR_FRAME_EMPTY");
  });
});

describe("writeHeader", () => {
  test("returns where the payload belongs, and writes nothing else", () => {
    const target = new Uint8Array(8).fill(0xee);
    expect(new FrameEncoder().writeHeader(target, 2, 0x010203)).toBe(6);
    expect([...target]).toEqual([0xee, 0xee, 0, 1, 2, 3, 0xee, 0xee]);
  });

  test.each([
    ["ERR_FRAME_TOO_LARGE", 0, 101],
    ["ERR_FRAME_EMPTY", 0, 0],
    ["ERR_INVALID_ARG_VALUE", 0, -1],
    ["ERR_INVALID_ARG_VALUE", 0, 1.5],
    ["ERR_INVALID_ARG_VALUE", 0, Number.NaN],
    ["ERR_INVALID_ARG_VALUE", 5, 10],
    ["ERR_INVALID_ARG_VALUE", -1, 10],
    ["ERR_INVALID_ARG_VALUE", Number.NaN, 10],
  ])("throws %s before it writes: offset %d, length %d", (code, offset, length) => {
    const target = new Uint8Array(8).fill(0xee);
    expect(thrownBy(() => new FrameEncoder({ maxLength: 100 }).writeHeader(target, offset, length)).code).toBe(code);
    expect(target).toEqual(new Uint8Array(8).fill(0xee));
  });

  test("says what room it needs", () => {
    expect(thrownBy(() => new FrameEncoder().writeHeader(new Uint8Array(8), 5, 10)).message).toBe(
      "offset: expected room for a header of 4 bytes, got 3 bytes from 5 on",
    );
  });
});

describe("payloads that are refused", () => {
  test("one byte above the maximum, not the maximum itself", () => {
    const encoder = new FrameEncoder({ maxLength: 100 });
    expect(encoder.encode(payload(100)).length).toBe(104);
    expect(thrownBy(() => encoder.encode(payload(101)))).toMatchObject({
      code: "ERR_FRAME_TOO_LARGE",
      length: 101,
      maxLength: 100,
    });
  });

  test("an empty one, unless the option allows it", () => {
    expect(thrownBy(() => encodeFrame(payload(0)))).toMatchObject({
      code: "ERR_FRAME_EMPTY",
      name: "EmptyFrameError",
      message: "frame length: expected at least 1 byte, got 0",
    });
    expect([...encodeFrame(payload(0), { allowEmpty: true })]).toEqual([0, 0, 0, 0]);
  });

  test.each([
    ["text", "a string"],
    [undefined, "undefined"],
    [null, "null"],
    [[1, 2], "Array"],
    [new Uint16Array(2), "Uint16Array"],
    [new ArrayBuffer(2), "ArrayBuffer"],
  ])("%s, which is no Uint8Array", (value, described) => {
    const error = thrownBy(() => encodeFrame(value as unknown as Uint8Array));
    expect(error.code).toBe("ERR_INVALID_ARG_TYPE");
    expect(error.message).toBe(`payload: expected a Uint8Array, got ${described.replace("a ", "")}`);
  });
});
