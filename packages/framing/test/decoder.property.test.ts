import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeFrames,
  FrameDecoder,
  type FrameDecoderOptions,
  FrameEncoder,
  FrameError,
  type LengthFieldSize,
} from "../src/index.js";
import { cut } from "./samples.js";

const options: fc.Arbitrary<FrameDecoderOptions & { maxLength: number; allowEmpty: boolean }> = fc.record({
  lengthField: fc.constantFrom<LengthFieldSize[]>(1, 2, 3, 4, 8, "varint"),
  byteOrder: fc.constantFrom("big" as const, "little" as const),
  allowEmpty: fc.boolean(),
  maxLength: fc.constantFrom(1, 7, 127, 128, 255),
  copy: fc.boolean(),
});

/** What a user does after pushing a chunk: takes some frames, perhaps pauses, perhaps writes over the chunk. */
const step = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  take: fc.integer({ min: 0, max: 6 }),
  retain: fc.boolean(),
});

const scenario = options.chain((format) =>
  fc.record({
    format: fc.constant(format),
    messages: fc.array(fc.uint8Array({ minLength: format.allowEmpty ? 0 : 1, maxLength: format.maxLength }), {
      maxLength: 12,
    }),
    steps: fc.array(step, { minLength: 1, maxLength: 20 }),
    scribble: fc.boolean(),
  }),
);

test("decode after encode is the identity, for all options and every chunking", () => {
  fc.assert(
    fc.property(scenario, ({ format, messages, steps, scribble }) => {
      const encoder = new FrameEncoder(format);
      const stream = encoder.encodeBatch(messages);
      const ends = frameEnds(encoder, messages);
      const decoder = new FrameDecoder(format);
      const taken: Uint8Array[] = [];
      let pushed = 0;
      let previous: Uint8Array | null = null;

      const take = (): boolean => {
        const payload = decoder.next();
        if (payload === null) return false;
        // A view lasts as long as its chunk; a copy has to survive whatever happens to the chunk.
        taken.push(scribble && !format.copy ? payload.slice() : payload);
        return true;
      };
      const reuse = (chunk: Uint8Array | null) => scribble && chunk?.fill(0xee);

      for (const [turn, chunk] of cut(
        stream,
        steps.map(({ size }) => size),
      ).entries()) {
        const { take: count, retain } = steps[turn % steps.length]!;
        decoder.push(chunk);
        pushed += chunk.length;
        reuse(previous);
        previous = chunk;
        let more = true;
        for (let tries = 0; tries < count && more; tries++) more = take();
        if (retain) decoder.retain();
        if (retain || !more) reuse(chunk);

        const start = ends.findLast((end) => end <= pushed) ?? 0;
        const unfinished = messages[ends.indexOf(start) + 1];
        expect(decoder.bufferedBytes).toBe(pushed - (ends[taken.length - 1] ?? 0));
        expect(decoder.midFrame).toBe(start < pushed);
        const header = unfinished === undefined ? 0 : encoder.headerLength(unfinished.length);
        expect(decoder.expectedLength).toBe(start < pushed && pushed - start >= header ? unfinished!.length : 0);
      }
      decoder.end();
      while (take());
      expect(taken).toEqual(messages);
    }),
    { numRuns: 1000 },
  );
});

function frameEnds(encoder: FrameEncoder, messages: Uint8Array[]): number[] {
  let end = 0;
  return messages.map((message) => {
    end += encoder.headerLength(message.length) + message.length;
    return end;
  });
}

test("whatever decodes encodes back the same; whatever does not fails with a code", () => {
  const lengths = fc.constantFrom(0, 1, 2, 3, 5, 0x7f, 0x80, 0x81, 0x82);
  const bytes = fc.array(fc.oneof(lengths, fc.integer({ min: 0, max: 255 })), { maxLength: 24 });
  let decoded = 0;
  fc.assert(
    fc.property(options, bytes, (format, input) => {
      const stream = Uint8Array.from(input);
      try {
        const payloads = decodeFrames(stream, format);
        expect(new FrameEncoder(format).encodeBatch(payloads)).toEqual(stream);
        if (payloads.length > 0) decoded++;
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        expect(error.code).toMatch(/^ERR_FRAME_(TOO_LARGE|EMPTY|HEADER|TRUNCATED)$/);
      }
    }),
    { numRuns: 5000 },
  );
  expect(decoded).toBeGreaterThan(20);
});

test("the same input gives the same frames and the same error, however it is cut", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(options, bytes, sizes, (format, stream, pieces) => {
      expect(outcome(format, cut(stream, pieces))).toEqual(outcome(format, [stream]));
    }),
    { numRuns: 2000 },
  );
});

function outcome(format: FrameDecoderOptions, chunks: Uint8Array[]): unknown[] {
  const decoder = new FrameDecoder(format);
  const seen: unknown[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let payload = decoder.next(); payload !== null; payload = decoder.next()) seen.push(payload);
    }
    decoder.end();
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}
