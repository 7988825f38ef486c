import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ByteStream, COPIED_WRITE_BYTES } from "../src/byte-stream.js";
import { Recorder } from "./recorder.js";

/** Two joined streams, fresh, without handlers. */
export interface StreamPairUnderTest {
  readonly left: ByteStream;
  readonly right: ByteStream;
  /** Lets whatever can happen now happen. Only for showing that something does not: `setImmediate` by default. */
  turn?(): Promise<void>;
  /** Releases everything, the streams too. */
  cleanup(): Promise<void>;
}

const TURNS = 10;
const MiB = 1024 * 1024;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Bytes that differ from their neighbours, and from those of another seed. */
const pattern = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed * 17) & 0xff);

/** As `toEqual`, but quick for a million bytes. */
function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  expect(got.length).toBe(expected.length);
  expect(Buffer.compare(got, expected), "order of the bytes").toBe(0);
}

/** What every `ByteStream` promises, whatever carries its bytes. */
export function byteStreamContract(name: string, makePair: () => Promise<StreamPairUnderTest>): void {
  describe(`${name}: a byte stream`, () => {
    let pair: StreamPairUnderTest;
    let left: ByteStream;
    let right: ByteStream;
    let atLeft: Recorder;
    let atRight: Recorder;

    beforeEach(async () => {
      pair = await makePair();
      ({ left, right } = pair);
      atLeft = new Recorder();
      atRight = new Recorder();
      left.start(atLeft);
      right.start(atRight);
    });
    afterEach(() => pair.cleanup());

    const turn = (): Promise<void> => pair.turn?.() ?? new Promise((resolve) => setImmediate(resolve));
    const turns = async (): Promise<void> => {
      for (let i = 0; i < TURNS; i++) await turn();
    };
    const drained = (stream: ByteStream, recorder: Recorder): Promise<void> =>
      recorder.until("bufferedBytes to be 0", () => stream.bufferedBytes === 0);
    /** Makes the call, in which no handler may be called. */
    const quietly = (call: () => void): void => {
      const before = atLeft.events + atRight.events;
      call();
      expect(atLeft.events + atRight.events, "events inside of a call").toBe(before);
    };
    /** Writes until the system takes no more, since `right` does not read. Returns how many bytes were written. */
    const fill = async (): Promise<number> => {
      const piece = pattern(MiB);
      for (let written = MiB; written <= 256 * MiB; written += MiB) {
        left.write(piece);
        await turns();
        if (left.bufferedBytes >= MiB) return written;
      }
      throw new Error("expected a stream that takes a limited number of bytes, got one that took 256 MiB");
    };

    it("starts paused", async () => {
      left.write(text("hello"));
      await drained(left, atLeft);
      await turns();
      expect(atRight.events).toBe(0);

      right.resume();
      await atRight.received(5);
      expect(atRight.text).toBe("hello");
    });

    it("carries bytes both ways, in order, whatever sizes they are written in", async () => {
      const sizes = [1, 0, 2, 3, 1000, COPIED_WRITE_BYTES, 5, COPIED_WRITE_BYTES + 1, 70_000, 0, 1];
      left.resume();
      right.resume();
      for (const [i, size] of sizes.entries()) {
        left.write(pattern(size, i));
        right.write(pattern(size, i + 100));
      }
      const total = sizes.reduce((sum, size) => sum + size);
      await Promise.all([atRight.received(total), atLeft.received(total)]);
      expectBytes(atRight.bytes, Buffer.concat(sizes.map((size, i) => pattern(size, i))));
      expectBytes(atLeft.bytes, Buffer.concat(sizes.map((size, i) => pattern(size, i + 100))));
      expect([...atLeft.chunks, ...atRight.chunks].filter((chunk) => chunk.length === 0)).toEqual([]);
    });

    it("calls no handler from inside a call", async () => {
      quietly(() => right.resume());
      quietly(() => left.write(pattern(100_000)));
      quietly(() => right.pause());
      quietly(() => right.resume());
      quietly(() => left.end());
      await atRight.ended();
      quietly(() => right.close());
      quietly(() => left.abort());
    });

    it("counts what was written and not taken, and what was taken", async () => {
      const written = await fill();
      expect(left.bytesWritten + left.bufferedBytes).toBe(written);
      expect(left.bytesWritten).toBeGreaterThan(0);

      const buffered: number[] = [];
      atLeft.onEvent = () => buffered.push(left.bufferedBytes);
      right.resume();
      await Promise.all([drained(left, atLeft), atRight.received(written)]);
      expect(left.bytesWritten).toBe(written);
      expect(
        buffered.every((bytes, i) => i === 0 || bytes < buffered[i - 1]!),
        "bufferedBytes shrinks",
      ).toBe(true);
      expect(buffered.at(-1)).toBe(0);
      expectBytes(atRight.bytes.subarray(-MiB), pattern(MiB));
    });

    it("copies a short write before it returns", async () => {
      const first = pattern(COPIED_WRITE_BYTES, 1);
      left.write(first);
      first.fill(0);
      const second = text("short");
      left.write(second);
      second.fill(0);
      right.resume();
      await atRight.received(COPIED_WRITE_BYTES + 5);
      expectBytes(atRight.bytes, Buffer.concat([pattern(COPIED_WRITE_BYTES, 1), text("short")]));
    });

    it("copies a short write that has to wait, too", async () => {
      const written = await fill();
      const short = pattern(COPIED_WRITE_BYTES, 1);
      left.write(short);
      short.fill(0);
      right.resume();
      await atRight.received(written + COPIED_WRITE_BYTES);
      expectBytes(atRight.bytes.subarray(-COPIED_WRITE_BYTES), pattern(COPIED_WRITE_BYTES, 1));
    });

    it("is done with a long write when bufferedBytes is 0", async () => {
      const bytes = pattern(COPIED_WRITE_BYTES * 4 + 1, 1);
      right.resume();
      left.write(bytes);
      await drained(left, atLeft);
      bytes.set(pattern(bytes.length, 2));
      left.write(bytes);
      await atRight.received(2 * bytes.length);
      expectBytes(atRight.bytes, Buffer.concat([pattern(bytes.length, 1), pattern(bytes.length, 2)]));
    });

    it("delivers nothing after a pause, and the rest after resume", async () => {
      const written = await fill();
      atRight.onEvent = () => right.pause();
      right.resume();
      await atRight.received(1);
      await turns();
      expect(atRight.chunks.length).toBe(1);

      atRight.onEvent = null;
      right.resume();
      await atRight.received(written);
      expect(atRight.length).toBe(written);
    });

    it("sends what was written before the end, and says so once", async () => {
      left.write(text("last "));
      left.write(text("words"));
      left.end();
      left.write(text("too late"));
      left.end();
      right.resume();
      await atRight.ended();
      await turns();
      expect(atRight.text).toBe("last words");
      expect(atRight.ends).toBe(1);
    });

    it("flushes a long queue before the end", async () => {
      const written = await fill();
      left.end();
      right.resume();
      await atRight.ended();
      expect(atRight.length).toBe(written);
      expect(left.bufferedBytes).toBe(0);
    });

    it("goes on reading after its own end, and writing after the peer's", async () => {
      left.resume();
      right.resume();
      left.end();
      await atRight.ended();
      right.write(text("still here"));
      await atLeft.received(10);
      right.end();
      await atLeft.ended();
      expect(atLeft.text).toBe("still here");
      expect([...atLeft.errors, ...atRight.errors]).toEqual([]);
    });

    it("may be written to from a handler", async () => {
      left.resume();
      right.resume();
      atRight.onEvent = (event) => {
        if (event === "data") right.write(atRight.chunks.at(-1)!);
        if (event === "end") right.end();
      };
      left.write(pattern(50_000));
      left.end();
      await atLeft.ended();
      expectBytes(atLeft.bytes, pattern(50_000));
    });

    it("closes without a word to its own handlers, and what was taken still arrives", async () => {
      left.resume();
      left.write(text("goodbye"));
      await drained(left, atLeft);
      const before = atLeft.events;
      left.close();
      right.resume();
      await atRight.ended();
      await turns();
      expect(atRight.text).toBe("goodbye");
      expect(atRight.errors).toEqual([]);
      expect(atLeft.events).toBe(before);
    });

    it("may be closed from onData, and delivers nothing more", async () => {
      await fill();
      atRight.onEvent = () => right.close();
      right.resume();
      await atRight.received(1);
      await turns();
      expect(atRight.events).toBe(1);
    });

    it("may be closed from onEnd", async () => {
      right.resume();
      left.resume();
      atRight.onEvent = (event) => {
        if (event === "end") right.close();
      };
      left.end();
      await atLeft.ended();
      expect(atLeft.errors).toEqual([]);
      expect(atRight.events).toBe(1);
    });

    it("drops what waits when it is closed", async () => {
      await fill();
      left.close();
      expect(left.bufferedBytes).toBe(0);
      const { bytesWritten } = left;
      right.resume();
      await atRight.ended();
      expect(atRight.length).toBe(bytesWritten);
    });

    it("resets when it is aborted: the peer gets an error, once, and nothing after it", async () => {
      left.resume();
      right.resume();
      left.write(text("x"));
      await atRight.received(1);
      const before = atLeft.events;
      left.abort();
      await atRight.failed();
      const after = atRight.events;
      right.write(text("anyone?"));
      right.end();
      right.resume();
      await turns();
      expect(atRight.codes).toEqual(["ECONNRESET"]);
      expect(atRight.ends).toBe(0);
      expect(atRight.events).toBe(after);
      expect(atLeft.events).toBe(before);
    });

    it("drops what waits when it is aborted", async () => {
      await fill();
      left.abort();
      expect(left.bufferedBytes).toBe(0);
      right.resume();
      await atRight.failed();
      expect(atRight.ends).toBe(0);
    });

    it("may be aborted from a handler", async () => {
      left.resume();
      right.resume();
      atRight.onEvent = () => right.abort();
      left.write(text("x"));
      await atLeft.failed();
      expect(atLeft.codes).toEqual(["ECONNRESET"]);
      expect(atRight.events).toBe(1);
    });

    it.each(["close", "abort"] as const)("does nothing more after %s", async (last) => {
      left.resume();
      left[last]();
      const before = atLeft.events;
      left.write(text("x"));
      left.pause();
      left.resume();
      left.end();
      left.abort();
      left.close();
      await turns();
      expect(left.bufferedBytes).toBe(0);
      expect(atLeft.events).toBe(before);
    });
  });
}
