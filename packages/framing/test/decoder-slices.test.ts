import { describe, expect, test } from "vitest";
import { FrameDecoder, FrameEncoder } from "../src/index.js";
import { cut, payload, text, thrownBy, wireFormats } from "./samples.js";

/** All payloads that wait, copied from their slices. */
function drainSlices(decoder: FrameDecoder): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let slice = decoder.nextSlice(); slice !== null; slice = decoder.nextSlice()) {
    payloads.push(slice.bytes.slice(slice.start, slice.end));
  }
  return payloads;
}

describe.each(wireFormats)("slices with length field $lengthField, $byteOrder-endian", (format) => {
  const options = { ...format, allowEmpty: true };
  const messages = [payload(3, 1), payload(0), payload(1, 2), payload(200, 3), payload(0), payload(17, 4)];
  const stream = new FrameEncoder(options).encodeBatch(messages);

  test.each([false, true])("have the payloads, however the stream is cut (copy: %s)", (copy) => {
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder({ ...options, copy });
      const payloads = cut(stream, [size]).flatMap((chunk) => {
        decoder.push(chunk);
        return drainSlices(decoder);
      });
      expect(text(payloads)).toBe(text(messages));
      decoder.end();
    }
  });
});

describe("a slice", () => {
  const stream = new FrameEncoder().encodeBatch([payload(5, 1), payload(6, 2), payload(7, 3)]);

  test("is where the chunk has the payload, and always the same object", () => {
    const decoder = new FrameDecoder({ copy: true });
    decoder.push(stream);
    const first = decoder.nextSlice();
    expect(first).toEqual({ bytes: stream, start: 4, end: 9 });
    expect(first?.bytes).toBe(stream);
    expect(decoder.nextSlice()).toBe(first);
    expect(first).toEqual({ bytes: stream, start: 13, end: 19 });
  });

  test("and payloads may be taken in turn", () => {
    const decoder = new FrameDecoder();
    decoder.push(stream);
    expect(decoder.next()).toEqual(payload(5, 1));
    expect(decoder.nextSlice()).toMatchObject({ start: 13, end: 19 });
    expect(decoder.next()).toEqual(payload(7, 3));
    expect(decoder.nextSlice()).toBeNull();
  });

  test("keeps no chunk once there is no more, nor after a failure", () => {
    const decoder = new FrameDecoder();
    decoder.push(stream.subarray(0, 9));
    const slice = decoder.nextSlice();
    expect(slice?.bytes.length).toBe(9);
    expect(decoder.nextSlice()).toBeNull();
    expect(slice?.bytes.length).toBe(0);

    decoder.push(Uint8Array.of(0, 0, 0, 1, 7, 0xff, 0xff, 0xff, 0xff));
    expect(decoder.nextSlice()).toMatchObject({ start: 4, end: 5 });
    expect(thrownBy(() => decoder.nextSlice()).code).toBe("ERR_FRAME_TOO_LARGE");
    expect(slice?.bytes.length).toBe(0);
    expect(thrownBy(() => decoder.next()).code).toBe("ERR_FRAME_TOO_LARGE");
  });
});
