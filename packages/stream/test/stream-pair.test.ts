import { afterEach, describe, expect, it, vi } from "vitest";
import type { ByteStream } from "../src/byte-stream.js";
import { streamPair } from "../src/stream-pair.js";
import { byteStreamContract } from "./byte-stream-contract.js";
import { Recorder } from "./recorder.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.each([
  ["by default", {}],
  ["in small chunks", { chunkSize: 997 }],
  ["with a small buffer", { bufferSize: 4_096 }],
  ["with a latency", { latencyMs: 0.1, bufferSize: 4_000_000 }],
])("streamPair %s", (name, options) => {
  byteStreamContract(`streamPair ${name}`, async () => {
    const [left, right] = streamPair(options);
    return {
      left,
      right,
      cleanup: async () => {
        left.close();
        right.close();
      },
    };
  });
});

describe("streamPair", () => {
  /** Lets microtasks run until nothing moves any more. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("delivers chunks as they were written by default", async () => {
    const [left, right] = streamPair();
    const atRight = new Recorder();
    right.start(atRight);
    right.resume();
    for (const word of ["one", "two", "three"]) left.write(text(word));
    await atRight.received(11);
    expect(atRight.chunks).toEqual([text("one"), text("two"), text("three")]);
  });

  it.each([1, 3])("cuts chunks at chunkSize %i", async (chunkSize) => {
    const [left, right] = streamPair({ chunkSize });
    const atRight = new Recorder();
    right.start(atRight);
    right.resume();
    left.write(text("hello"));
    await atRight.received(5);
    expect(atRight.text).toBe("hello");
    expect(atRight.chunks.map((chunk) => chunk.length)).toEqual(chunkSize === 1 ? [1, 1, 1, 1, 1] : [3, 2]);
  });

  it("takes as many bytes as bufferSize while nobody reads, and says when it takes more", async () => {
    const [left, right] = streamPair({ bufferSize: 10, chunkSize: 4 });
    const atLeft = new Recorder();
    const atRight = new Recorder();
    left.start(atLeft);
    right.start(atRight);
    left.write(new Uint8Array(25));
    expect(left.bufferedBytes).toBe(25);
    await settle();
    expect([left.bufferedBytes, left.bytesWritten, atLeft.drains]).toEqual([15, 10, 1]);

    atRight.onEvent = () => right.pause();
    right.resume();
    await settle();
    expect(atRight.length).toBe(4);
    expect([left.bufferedBytes, left.bytesWritten, atLeft.drains]).toEqual([11, 14, 2]);

    atRight.onEvent = null;
    right.resume();
    await settle();
    expect(atRight.length).toBe(25);
    expect([left.bufferedBytes, left.bytesWritten]).toEqual([0, 25]);
  });

  it("gives back the room of what a closed reader swallows", async () => {
    const [left, right] = streamPair({ bufferSize: 10 });
    left.start(new Recorder());
    left.write(new Uint8Array(25));
    await settle();
    right.close();
    left.write(new Uint8Array(1_000));
    await settle();
    expect([left.bufferedBytes, left.bytesWritten]).toEqual([0, 1_025]);
  });

  it("goes on after a handler that threw", async () => {
    const errors: unknown[] = [];
    const { queueMicrotask } = globalThis;
    vi.stubGlobal("queueMicrotask", (task: () => void) =>
      queueMicrotask(() => {
        try {
          task();
        } catch (error) {
          errors.push(error); // Else it would end the process, as an uncaught exception does.
        }
      }),
    );
    try {
      const [left, right] = streamPair({ chunkSize: 1 });
      const atRight = new Recorder();
      atRight.onEvent = (name) => {
        if (name === "data") throw new Error("thrown by onData");
      };
      right.start(atRight);
      right.resume();
      left.write(text("all"));
      left.end();
      await settle();
      expect(atRight.chunks).toEqual([text("a"), text("l"), text("l")]);
      expect(atRight.ends).toBe(1);
      expect(errors).toHaveLength(3);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("reads when resumed before it was started", async () => {
    const [left, right] = streamPair();
    left.write(text("early"));
    right.resume();
    await settle();
    const atRight = new Recorder();
    right.start(atRight);
    await atRight.received(5);
    expect(atRight.text).toBe("early");
  });

  it("tells of a reset that came before it was started", async () => {
    const [left, right] = streamPair();
    left.abort();
    await settle();
    const atRight = new Recorder();
    right.start(atRight);
    expect(atRight.events).toBe(0);
    await atRight.failed();
    expect(atRight.errors[0]).toMatchObject({ message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" });
  });

  it("keeps a reset to itself when it is closed before it was started", async () => {
    const [left, right] = streamPair();
    left.abort();
    await settle();
    right.close();
    const atRight = new Recorder();
    right.start(atRight);
    await settle();
    expect(atRight.events).toBe(0);
  });

  it("delivers what was taken before a reset to a side that reads, in chunks, and then the error", async () => {
    const [left, right] = streamPair({ chunkSize: 2 });
    const [atLeft, atRight] = [new Recorder(), new Recorder()];
    left.start(atLeft);
    right.start(atRight);
    right.resume();
    atLeft.onEvent = () => left.abort();
    left.write(text("taken"));
    left.end();
    await atRight.failed();
    expect([atRight.text, atRight.ends, atRight.codes]).toEqual(["taken", 0, ["ECONNRESET"]]);
  });

  it("tells a side that does not read of a reset at once, without what was taken before", async () => {
    const [left, right] = streamPair();
    const atRight = new Recorder();
    right.start(atRight);
    left.write(text("taken"));
    await settle();
    left.abort();
    await atRight.failed();
    right.resume();
    await settle();
    expect([atRight.text, atRight.codes]).toEqual(["", ["ECONNRESET"]]);
  });

  it("keeps a reset to itself once it is closed", async () => {
    const [left, right] = streamPair({ chunkSize: 1 });
    const [atLeft, atRight] = [new Recorder(), new Recorder()];
    left.start(atLeft);
    right.start(atRight);
    right.resume();
    atLeft.onEvent = () => left.abort();
    atRight.onEvent = () => right.close();
    left.write(text("taken"));
    await settle();
    expect([atRight.text, atRight.codes]).toEqual(["t", []]);
  });

  it("lets each side reset the other, once", async () => {
    const [left, right] = streamPair();
    const [atLeft, atRight] = [new Recorder(), new Recorder()];
    left.start(atLeft);
    right.start(atRight);
    left.abort();
    right.abort();
    await settle();
    expect([...atLeft.errors, ...atRight.errors]).toEqual([]);
  });

  it("can be started once only", () => {
    const [left] = streamPair();
    left.start(new Recorder());
    expect(() => left.start(new Recorder())).toThrow(
      expect.objectContaining({
        name: "StreamError",
        code: "ERR_STREAM_STARTED",
        message: "stream: expected one without handlers, got one that was started",
      }),
    );
  });

  it.each([
    [{ chunkSize: 0 }, "chunkSize: expected an integer of at least 1, got 0"],
    [{ chunkSize: 1.5 }, "chunkSize: expected an integer of at least 1, got 1.5"],
    [{ chunkSize: Number.NaN }, "chunkSize: expected an integer of at least 1, got NaN"],
    [{ bufferSize: -1 }, "bufferSize: expected an integer of at least 1, got -1"],
    [{ bufferSize: 2.5 }, "bufferSize: expected an integer of at least 1, got 2.5"],
    [{ latencyMs: -1 }, "latencyMs: expected a number from 0 to 2147483647, got -1"],
    [{ latencyMs: Number.POSITIVE_INFINITY }, "latencyMs: expected a number from 0 to 2147483647, got Infinity"],
  ])("refuses %o", (options, message) => {
    expect(() => streamPair(options)).toThrow(
      expect.objectContaining({ name: "StreamError", code: "ERR_OUT_OF_RANGE", message }),
    );
  });
});

describe("streamPair with a latency", () => {
  afterEach(() => vi.useRealTimers());

  async function slowPair(): Promise<{
    left: ByteStream;
    right: ByteStream;
    atRight: Recorder;
    pass(ms: number): Promise<unknown>;
  }> {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const [left, right] = streamPair({ latencyMs: 100, chunkSize: 2 });
    const atRight = new Recorder();
    right.start(atRight);
    right.resume();
    return { left, right, atRight, pass: (ms) => vi.advanceTimersByTimeAsync(ms) };
  }

  it("delivers each write that long after it was made", async () => {
    const { left, atRight, pass } = await slowPair();
    left.write(text("first"));
    await pass(60);
    left.write(text("second"));
    await pass(39);
    expect(atRight.text).toBe("");
    await pass(1);
    expect(atRight.text).toBe("first");
    await pass(59);
    expect(atRight.text).toBe("first");
    await pass(1);
    expect(atRight.text).toBe("firstsecond");
  });

  it("delivers the end after the bytes, and that long after it was written", async () => {
    const { left, atRight, pass } = await slowPair();
    left.write(text("bye"));
    left.end();
    await pass(99);
    expect(atRight.ends).toBe(0);
    await pass(1);
    expect(atRight.text).toBe("bye");
    expect(atRight.ends).toBe(1);
  });

  it("delivers what was under way when the writer closed", async () => {
    const { left, atRight, pass } = await slowPair();
    left.write(text("bye"));
    await pass(50);
    left.close();
    await pass(50);
    expect([atRight.text, atRight.ends]).toEqual(["bye", 0]);
    await pass(50);
    expect(atRight.ends).toBe(1);
  });

  it("delivers a reset that long after the abort", async () => {
    const { left, atRight, pass } = await slowPair();
    left.abort();
    await pass(99);
    expect(atRight.errors).toEqual([]);
    await pass(1);
    expect(atRight.codes).toEqual(["ECONNRESET"]);
  });
});
