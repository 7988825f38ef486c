import { describe, expect, test } from "vitest";
import { FrameDecoder, FrameEncoder, FrameError, TruncatedFrameError } from "../src/index.js";
import { concat, drain, payload, thrownBy } from "./samples.js";

const encoder = new FrameEncoder({ maxLength: 100 });
const whole = encoder.encodeBatch([payload(3, 1), payload(4, 2)]);

const bad: [string, string, Uint8Array, object][] = [
  ["too long", "ERR_FRAME_TOO_LARGE", Uint8Array.of(0, 0, 0, 101), {}],
  ["the greatest length there is", "ERR_FRAME_TOO_LARGE", Uint8Array.of(255, 255, 255, 255), {}],
  ["empty", "ERR_FRAME_EMPTY", Uint8Array.of(0, 0, 0, 0), {}],
  ["too long, varint", "ERR_FRAME_TOO_LARGE", Uint8Array.of(101), { lengthField: "varint" }],
  ["empty, varint", "ERR_FRAME_EMPTY", Uint8Array.of(0), { lengthField: "varint" }],
  ["malformed varint", "ERR_FRAME_HEADER", Uint8Array.of(0x81, 0), { lengthField: "varint" }],
];

describe("a failed decoder", () => {
  test.each(bad)("stays failed with the same error: %s", (_, code, header, options) => {
    const good = new FrameEncoder(options).encodeBatch([payload(3, 1), payload(4, 2)]);
    for (let at = 0; at < header.length; at++) {
      const decoder = new FrameDecoder({ maxLength: 100, ...options });
      decoder.push(concat([good, header.subarray(0, at)]));
      expect(drain(decoder)).toEqual([payload(3, 1), payload(4, 2)]);
      decoder.push(concat([header.subarray(at), good]));
      const error = thrownBy(() => decoder.next());
      expect(error).toBeInstanceOf(FrameError);
      expect(error.code).toBe(code);
      expect(thrownBy(() => decoder.next())).toBe(error);
      expect(thrownBy(() => decoder.push(good))).toBe(error);
      expect(thrownBy(() => decoder.push(payload(0)))).toBe(error);
      expect(thrownBy(() => decoder.end())).toBe(error);
      expect(thrownBy(() => decoder.next())).toBe(error);
    }
  });

  test("holds nothing any more", () => {
    for (const cutAt of [0, 3]) {
      const decoder = new FrameDecoder();
      decoder.push(new Uint8Array(cutAt));
      decoder.next();
      decoder.push(concat([new Uint8Array(4 - cutAt), payload(1000)]));
      thrownBy(() => decoder.next());
      decoder.retain();
      expect([decoder.bufferedBytes, decoder.midFrame, decoder.expectedLength]).toEqual([0, false, 0]);
    }
  });

  test("fails on the last byte of the header, not later and not earlier", () => {
    const decoder = new FrameDecoder();
    decoder.push(Uint8Array.of(255, 255, 255));
    expect(decoder.next()).toBeNull();
    decoder.push(Uint8Array.of(255));
    expect(thrownBy(() => decoder.next()).code).toBe("ERR_FRAME_TOO_LARGE");
  });
});

describe("end()", () => {
  test("between frames is fine, and again", () => {
    const decoder = new FrameDecoder();
    decoder.end();
    decoder.end();
    expect(decoder.next()).toBeNull();
  });

  test("inside a frame throws, wherever it is, before the frames are taken or after", () => {
    for (let at = 1; at < whole.length; at++) {
      if (at === 7) continue;
      const before = new FrameDecoder();
      before.push(whole.slice(0, at));
      const error = thrownBy(() => before.end());
      expect(error).toBeInstanceOf(TruncatedFrameError);
      const frames = at < 7 ? [] : [payload(3, 1)];
      expect(drain(before)).toEqual(frames);
      expect(thrownBy(() => before.end())).toBe(error);
      expect(thrownBy(() => before.push(whole))).toBe(error);
      expect(before.next()).toBeNull();

      const after = new FrameDecoder();
      after.push(whole.slice(0, at));
      expect(drain(after)).toEqual(frames);
      expect(thrownBy(() => after.end())).toMatchObject({ code: "ERR_FRAME_TRUNCATED", message: error.message });
    }
  });

  test.each([
    [2, 0, "end of input: expected a whole header, got the first 2 bytes of the frame"],
    [4, 4, "end of input: expected a payload of 4 bytes, got the first 4 bytes of the frame"],
    [7, 4, "end of input: expected a payload of 4 bytes, got the first 7 bytes of the frame"],
  ])("after %i bytes of a frame says what is missing", (receivedBytes, expectedLength, message) => {
    const decoder = new FrameDecoder();
    decoder.push(whole.subarray(0, 7 + receivedBytes));
    const expected = { name: "TruncatedFrameError", receivedBytes, expectedLength, message };
    expect(thrownBy(() => decoder.end())).toMatchObject(expected);
  });

  test("with whole frames unread is fine; they may still be taken", () => {
    const decoder = new FrameDecoder();
    decoder.push(whole);
    decoder.end();
    expect(drain(decoder)).toEqual([payload(3, 1), payload(4, 2)]);
    expect(decoder.next()).toBeNull();
  });

  test("leaves a bad header to the next() that reaches it", () => {
    const decoder = new FrameDecoder();
    decoder.push(concat([whole, new Uint8Array(6)]));
    decoder.end();
    expect([decoder.next(), decoder.next()]).toEqual([payload(3, 1), payload(4, 2)]);
    expect(thrownBy(() => decoder.next()).code).toBe("ERR_FRAME_EMPTY");
  });

  test("is the end: no push afterwards", () => {
    const decoder = new FrameDecoder();
    decoder.end();
    expect(thrownBy(() => decoder.push(whole))).toMatchObject({
      code: "ERR_FRAME_AFTER_END",
      name: "PushAfterEndError",
      message: "push: expected no more chunks after end(), got one",
    });
    expect(decoder.next()).toBeNull();
  });
});
