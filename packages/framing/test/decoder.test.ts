import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { decodeFrames, FrameDecoder, FrameEncoder } from "../src/index.js";
import { concat, cut, decodeChunks, drain, payload, text, thrownBy, wireFormats } from "./samples.js";

describe.each(wireFormats)("length field $lengthField, $byteOrder-endian", (format) => {
  const options = { ...format, allowEmpty: true };
  const messages = [payload(3, 1), payload(0), payload(1, 2), payload(200, 3), payload(0), payload(17, 4)];
  const stream = new FrameEncoder(options).encodeBatch(messages);

  test.each([false, true])("the stream cut in two at every byte (copy: %s)", (copy) => {
    for (let at = 0; at <= stream.length; at++) {
      const decoder = new FrameDecoder({ ...options, copy });
      expect(text(decodeChunks(decoder, [stream.slice(0, at), stream.slice(at)]))).toBe(text(messages));
      decoder.end();
    }
  });

  test.each([false, true])("the stream in equal pieces of every size (copy: %s)", (copy) => {
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder({ ...options, copy });
      expect(text(decodeChunks(decoder, cut(stream, [size])))).toBe(text(messages));
      decoder.end();
    }
  });

  test("all pieces pushed before the first frame is taken", () => {
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder(options);
      for (const chunk of cut(stream, [size])) {
        decoder.push(chunk);
      }
      expect(decoder.bufferedBytes).toBe(stream.length);
      expect(text(drain(decoder))).toBe(text(messages));
      expect(decoder.bufferedBytes).toBe(0);
    }
  });

  test("payload lengths around 0, the header and the maximum, in pieces of such sizes", () => {
    const maxLength = 200;
    const header = new FrameEncoder(options).headerLength(maxLength);
    const lengths = [0, 1, 2, header - 1, header, header + 1, 127, 128, maxLength - 1, maxLength];
    const sizes = [1, 2, header - 1, header, header + 1, maxLength - 1, maxLength, maxLength + header, 1000];
    const encoder = new FrameEncoder({ ...options, maxLength });
    for (const length of lengths) {
      const pair = [payload(length, 1), payload(length, 2)];
      for (const size of sizes.filter((each) => each > 0)) {
        const decoder = new FrameDecoder({ ...options, maxLength });
        expect(text(decodeChunks(decoder, cut(encoder.encodeBatch(pair), [size])))).toBe(text(pair));
      }
    }
    const tooLong = new FrameEncoder(options).encode(payload(maxLength + 1));
    for (const size of sizes.filter((each) => each > 0)) {
      const decoder = new FrameDecoder({ ...options, maxLength });
      expect(thrownBy(() => decodeChunks(decoder, cut(tooLong, [size]))).code).toBe("ERR_FRAME_TOO_LARGE");
    }
  });
});

test("payloads that look like frames themselves, cut in two and in three at every byte", () => {
  const inner = new FrameEncoder().encodeBatch([payload(1, 1), payload(2, 2), payload(3, 3)]);
  const messages = [inner, payload(1, 4), inner];
  const stream = new FrameEncoder().encodeBatch(messages);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const chunks = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
      expect(text(decodeChunks(new FrameDecoder(), chunks))).toBe(text(messages));
    }
  }
});

describe("a chunk", () => {
  test("may be empty", () => {
    const decoder = new FrameDecoder();
    expect(decodeChunks(decoder, [payload(0), Uint8Array.of(0, 0, 0), payload(0), Uint8Array.of(1, 7)])).toEqual([
      Uint8Array.of(7),
    ]);
  });

  test("may be a Buffer, or come from another realm", () => {
    const foreign = runInNewContext("Uint8Array.of(0, 0, 0, 1, 7)") as Uint8Array;
    expect(decodeFrames(foreign)).toEqual([Uint8Array.of(7)]);
    const [fromBuffer] = decodeFrames(Buffer.from([0, 0, 0, 1, 7]));
    expect(fromBuffer).toEqual(Uint8Array.of(7));
    expect(Object.getPrototypeOf(fromBuffer)).toBe(Uint8Array.prototype);
  });

  test.each(["text", null, undefined, new Uint16Array(1)])("is a Uint8Array and not %s", (chunk) => {
    const decoder = new FrameDecoder();
    expect(thrownBy(() => decoder.push(chunk as unknown as Uint8Array)).code).toBe("ERR_INVALID_ARG_TYPE");
    decoder.push(Uint8Array.of(0, 0, 0, 1, 7));
    expect(drain(decoder)).toEqual([Uint8Array.of(7)]);
  });
});

describe("what the decoder says about itself", () => {
  test("byte by byte through a frame of 3 bytes", () => {
    const decoder = new FrameDecoder();
    const seen = [...new FrameEncoder().encode(payload(3))].map((byte) => {
      decoder.push(Uint8Array.of(byte));
      const unread = [decoder.bufferedBytes, decoder.midFrame, decoder.expectedLength];
      const taken = decoder.next() !== null;
      return [...unread, taken, decoder.bufferedBytes, decoder.midFrame, decoder.expectedLength];
    });
    expect(seen).toEqual([
      [1, true, 0, false, 1, true, 0],
      [2, true, 0, false, 2, true, 0],
      [3, true, 0, false, 3, true, 0],
      [4, true, 3, false, 4, true, 3],
      [5, true, 3, false, 5, true, 3],
      [6, true, 3, false, 6, true, 3],
      [7, false, 0, true, 0, false, 0],
    ]);
  });

  test("whole frames that wait are no unfinished frame", () => {
    const decoder = new FrameDecoder();
    decoder.push(new FrameEncoder().encodeBatch([payload(3), payload(4)]));
    expect([decoder.bufferedBytes, decoder.midFrame, decoder.expectedLength]).toEqual([15, false, 0]);
    decoder.next();
    expect([decoder.bufferedBytes, decoder.midFrame, decoder.expectedLength]).toEqual([8, false, 0]);
  });

  test("the unfinished frame behind whole ones that wait, also across chunks", () => {
    const stream = new FrameEncoder().encodeBatch([payload(3), payload(4), payload(50)]);
    const decoder = new FrameDecoder();
    decoder.push(stream.subarray(0, 5));
    decoder.next();
    decoder.push(stream.subarray(5, 17));
    expect([decoder.midFrame, decoder.expectedLength]).toEqual([true, 0]);
    decoder.push(stream.subarray(17, 30));
    expect([decoder.midFrame, decoder.expectedLength]).toEqual([true, 50]);
    decoder.push(stream.subarray(30));
    expect([decoder.midFrame, decoder.expectedLength]).toEqual([false, 0]);
    expect(drain(decoder)).toEqual([payload(3), payload(4), payload(50)]);
  });

  test("a bad header that waits is no frame that more bytes could finish", () => {
    const decoder = new FrameDecoder({ maxLength: 10 });
    decoder.push(concat([new FrameEncoder().encode(payload(3)), Uint8Array.of(0, 0, 0, 11)]));
    expect([decoder.midFrame, decoder.expectedLength]).toEqual([false, 0]);
    expect(decoder.next()).toEqual(payload(3));
    expect(thrownBy(() => decoder.next()).code).toBe("ERR_FRAME_TOO_LARGE");
  });
});

describe("decodeFrames", () => {
  test("gives the payloads of a whole input", () => {
    const messages = [payload(5, 1), payload(6, 2)];
    expect(decodeFrames(new FrameEncoder().encodeBatch(messages))).toEqual(messages);
    expect(decodeFrames(new Uint8Array(0))).toEqual([]);
  });

  test("throws at every place where the input can be cut inside a frame", () => {
    const stream = new FrameEncoder().encodeBatch([payload(5, 1), payload(6, 2)]);
    for (let end = 1; end < stream.length; end++) {
      if (end === 9) continue;
      expect(thrownBy(() => decodeFrames(stream.subarray(0, end))).code).toBe("ERR_FRAME_TRUNCATED");
    }
  });
});
