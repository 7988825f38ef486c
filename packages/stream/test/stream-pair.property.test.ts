import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteStream } from "../src/byte-stream.js";
import { streamPair } from "../src/stream-pair.js";
import { Recorder } from "./recorder.js";

type Step =
  | { do: "write"; bytes: Uint8Array }
  | { do: "pause" | "resume" | "settle" }
  | { do: "microtasks"; count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write" as const), bytes: fc.uint8Array({ maxLength: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("pause" as const, "resume" as const, "settle" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("microtasks" as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
);

/** A step of one of the two sides. */
const sidedStep = fc.record({ side: fc.constantFrom(0, 1), step });

describe("streamPair, whatever is written, paused and cut", () => {
  it("delivers every byte once and in order, then the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ chunkSize: fc.integer({ min: 1, max: 50 }), bufferSize: fc.integer({ min: 1, max: 100 }) }),
        fc.array(sidedStep, { maxLength: 40 }),
        async (options, steps) => {
          const sides = streamPair(options).map((stream) => new Side(stream)) as [Side, Side];
          const [left, right] = sides;
          for (const { side, step } of steps) {
            await sides[side]!.take(step);
            left.check(right.recorder, options);
            right.check(left.recorder, options);
          }
          for (const side of sides) {
            side.stream.end();
            await side.take({ do: "resume" });
          }
          await Promise.all([left.recorder.ended(), right.recorder.ended()]);
          expect(Buffer.compare(right.recorder.bytes, left.written)).toBe(0);
          expect(Buffer.compare(left.recorder.bytes, right.written)).toBe(0);
          expect([left.dataWhilePaused, right.dataWhilePaused]).toEqual([0, 0]);
          expect([left.recorder.ends, right.recorder.ends]).toEqual([1, 1]);
          expect([left.stream.bufferedBytes, right.stream.bufferedBytes]).toEqual([0, 0]);
        },
      ),
    );
  });
});

class Side {
  readonly stream: ByteStream;
  readonly recorder: Recorder = new Recorder();
  dataWhilePaused = 0;
  readonly #written: Uint8Array[] = [];
  #paused = true;

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.start(this.recorder);
    this.recorder.onEvent = (event) => {
      if (event === "data" && this.#paused) this.dataWhilePaused++;
    };
  }

  get written(): Buffer {
    return Buffer.concat(this.#written);
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "write":
        this.#written.push(step.bytes.slice());
        this.stream.write(step.bytes);
        step.bytes.fill(0xff);
        return;
      case "pause":
      case "resume":
        this.#paused = step.do === "pause";
        return this.stream[step.do]();
      case "settle":
        return new Promise((resolve) => setImmediate(resolve));
      case "microtasks":
        for (let i = 0; i < step.count; i++) await null;
    }
  }

  /** What must hold at any moment, `peer` being what the other side has received. */
  check(peer: Recorder, { bufferSize, chunkSize }: { bufferSize: number; chunkSize: number }): void {
    const { bufferedBytes, bytesWritten } = this.stream;
    expect(bufferedBytes + bytesWritten).toBe(this.written.length);
    expect(bytesWritten - peer.length).toBeGreaterThanOrEqual(0);
    expect(bytesWritten - peer.length).toBeLessThanOrEqual(bufferSize);
    for (const { length } of peer.chunks) {
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(chunkSize);
    }
  }
}
