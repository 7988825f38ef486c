import { describe, expect, test } from "vitest";
import { Accumulator } from "../src/accumulator.js";
import { FrameDecoder, FrameEncoder } from "../src/index.js";
import { UnreadBytes } from "../src/unread-bytes.js";
import { drain, payload, thrownBy } from "./samples.js";

const encoder = new FrameEncoder();

describe("without copy", () => {
  test("payloads are views on the chunk that holds their frame whole", () => {
    const chunk = encoder.encodeBatch([payload(3, 1), payload(5000, 2)]);
    const decoder = new FrameDecoder();
    decoder.push(chunk);
    const [small, large] = drain(decoder);
    expect([small!.buffer, small!.byteOffset]).toEqual([chunk.buffer, 4]);
    expect([large!.buffer, large!.byteOffset]).toEqual([chunk.buffer, 11]);
  });

  test("a chunk that is itself a view is no obstacle", () => {
    const memory = new Uint8Array(100);
    memory.set(encoder.encode(payload(3)), 50);
    const decoder = new FrameDecoder();
    decoder.push(memory.subarray(50, 57));
    expect(decoder.next()!.byteOffset).toBe(54);
  });

  test("a frame that was cut is a copy in a buffer of its own size", () => {
    const frame = encoder.encode(payload(300));
    for (let at = 1; at < frame.length; at++) {
      const decoder = new FrameDecoder();
      const chunks = [frame.slice(0, at), frame.slice(at)];
      decoder.push(chunks[0]!);
      expect(decoder.next()).toBeNull();
      decoder.push(chunks[1]!);
      const whole = decoder.next()!;
      expect(whole.buffer.byteLength).toBe(300);
      for (const chunk of chunks) chunk.fill(0);
      expect(whole).toEqual(payload(300));
    }
  });

  test("a frame whole in a chunk that was pushed early is a view still", () => {
    const [first, second] = [encoder.encode(payload(3, 1)), encoder.encode(payload(4, 2))];
    const decoder = new FrameDecoder();
    decoder.push(first);
    decoder.push(second);
    expect(decoder.next()!.buffer).not.toBe(first.buffer);
    expect(decoder.next()!.buffer).toBe(second.buffer);
  });
});

describe("with copy", () => {
  const lengths = [1, 3, 16, 17, 100, 4095, 4096, 10_000];

  test("payloads stay what they are when the chunk's memory is reused", () => {
    const decoder = new FrameDecoder({ copy: true });
    const chunk = encoder.encodeBatch(lengths.map((length, index) => payload(length, index)));
    const kept: Uint8Array[] = [];
    for (let round = 0; round < 5; round++) {
      const memory = chunk.slice();
      decoder.push(memory);
      kept.push(...drain(decoder));
      memory.fill(0xee);
    }
    for (const [index, one] of kept.entries()) {
      expect(one).toEqual(payload(lengths[index % lengths.length]!, index % lengths.length));
    }
  });

  test("small ones share a block of 8 KiB without overlapping, large ones have a buffer of their own", () => {
    const decoder = new FrameDecoder({ copy: true });
    decoder.push(encoder.encodeBatch(lengths.map((length) => payload(length))));
    for (const one of drain(decoder)) {
      expect(one.buffer.byteLength).toBe(one.length < 4096 ? 8192 : one.length);
    }
    decoder.push(encoder.encodeBatch([payload(5, 1), payload(5, 2)]));
    const [first, second] = drain(decoder);
    first!.fill(0);
    expect(second).toEqual(payload(5, 2));
    expect(second!.byteOffset % 8).toBe(0);
  });

  test("a block that its user has transferred away harms nobody", () => {
    const decoder = new FrameDecoder({ copy: true });
    decoder.push(encoder.encodeBatch([payload(5, 1), payload(5, 2)]));
    const first = decoder.next()!;
    structuredClone(first, { transfer: [first.buffer as ArrayBuffer] });
    expect(decoder.next()).toEqual(payload(5, 2));
  });
});

describe("the chunk's memory is free again", () => {
  const stream = encoder.encodeBatch([payload(3, 1), payload(400, 2), payload(5, 3)]);

  test("once next() has returned null", () => {
    const decoder = new FrameDecoder();
    const chunk = stream.slice(0, 200);
    decoder.push(chunk);
    expect(drain(decoder).length).toBe(1);
    chunk.fill(0xee);
    decoder.push(stream.slice(200));
    expect(drain(decoder)).toEqual([payload(400, 2), payload(5, 3)]);
  });

  test("after retain(), in mid-chunk", () => {
    const decoder = new FrameDecoder();
    const chunk = stream.slice();
    decoder.push(chunk);
    decoder.next();
    decoder.retain();
    chunk.fill(0xee);
    expect(drain(decoder)).toEqual([payload(400, 2), payload(5, 3)]);
  });

  test("after the next push", () => {
    const decoder = new FrameDecoder();
    const chunk = stream.slice(0, 100);
    decoder.push(chunk);
    decoder.push(stream.slice(100));
    chunk.fill(0xee);
    expect(drain(decoder)).toEqual([payload(3, 1), payload(400, 2), payload(5, 3)]);
  });

  test("and retain() twice copies once", () => {
    const decoder = new FrameDecoder();
    decoder.push(stream.slice());
    decoder.retain();
    const first = decoder.next()!;
    decoder.retain();
    expect(decoder.next()!.buffer).toBe(first.buffer);
  });
});

describe("memory for a frame that was cut", () => {
  test("is at most twice what has arrived, or 256 bytes, and never more than the frame", () => {
    for (const limit of [1, 255, 256, 257, 1000, 70_000]) {
      for (const step of [1, 7, 256, 4096]) {
        const collected = new Accumulator(limit);
        expect(collected.capacity).toBe(0);
        while (collected.missing > 0) {
          const bytes = payload(Math.min(step, collected.missing));
          collected.append(bytes, 0, bytes.length);
          expect(collected.capacity).toBeLessThanOrEqual(Math.min(limit, Math.max(256, 2 * collected.length)));
        }
        expect(collected.take().length).toBe(limit);
      }
    }
  });

  test("doubles, so that a frame that comes byte by byte is copied a few times and not at every byte", () => {
    const collected = new Accumulator(1 << 20);
    const capacities = new Set<number>();
    const byte = Uint8Array.of(7);
    while (collected.missing > 0) {
      collected.append(byte, 0, 1);
      capacities.add(collected.capacity);
    }
    expect(capacities.size).toBeLessThanOrEqual(13);
  });

  test("doubles for chunks that are pushed without taking frames, too", () => {
    const unread = new UnreadBytes();
    const capacities = new Set<number>();
    for (let pushed = 0; pushed < 10_000; pushed++) {
      unread.push(Uint8Array.of(pushed % 256));
      capacities.add(unread.bytes.length);
      expect(unread.bytes.length).toBeLessThanOrEqual(2 * unread.length);
    }
    expect(unread.length).toBe(10_000);
    expect(capacities.size).toBeLessThanOrEqual(16);
  });

  test("is not taken on the word of a header", () => {
    const promise = new Uint8Array(5);
    encoder.writeHeader(promise, 0, 1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 500 }, () => {
      const decoder = new FrameDecoder();
      decoder.push(promise);
      decoder.next();
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    expect(decoders.every((decoder) => decoder.expectedLength === 1 << 20)).toBe(true);
  });

  test("is not taken at all for a length above the maximum", () => {
    const decoder = new FrameDecoder({ lengthField: 8, maxLength: 2 ** 40 });
    decoder.push(Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1));
    expect(thrownBy(() => decoder.next()).code).toBe("ERR_FRAME_TOO_LARGE");
    const patient = new FrameDecoder({ lengthField: 8, maxLength: 2 ** 40 });
    patient.push(Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 7));
    expect(patient.next()).toBeNull();
    expect([patient.expectedLength, patient.bufferedBytes]).toEqual([2 ** 40, 9]);
  });
});
