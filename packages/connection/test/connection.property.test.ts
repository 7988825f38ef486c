import { streamPair } from "@p2pnet/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageConnection } from "../src/index.js";
import { NodeTimers } from "../src/transports/node-timers.js";
import { pattern, same } from "./bytes.js";
import { Recorder } from "./recorder.js";
import { turn, until } from "./until.js";

const HIGH_WATER = 500;

const side = fc.constantFrom(0 as const, 1 as const);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send"), side, size: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pause"), side }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resume"), side }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("turn") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("microtasks"), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end"), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close"), side }) },
);
type Step =
  | { do: "send"; side: 0 | 1; size: number }
  | { do: "pause" | "resume" | "end" | "close"; side: 0 | 1 }
  | { do: "turn" }
  | { do: "microtasks"; count: number };

/** One end, and what is known about it without looking inside. */
class End {
  readonly recorder: Recorder;
  readonly sent: Uint8Array[] = [];
  hasClosed = false;
  messagesWhilePaused = 0;
  /** Pauses itself at every so many messages; 0 for never. */
  pauseEvery: number;
  #paused = false;

  constructor(connection: MessageConnection, pauseEvery: number) {
    this.pauseEvery = pauseEvery;
    this.recorder = new Recorder(connection).consume(() => {
      if (this.#paused) this.messagesWhilePaused++;
      if (this.pauseEvery > 0 && this.recorder.messages.length % this.pauseEvery === 0) this.pause();
    });
  }

  get connection(): MessageConnection {
    return this.recorder.connection;
  }

  send(size: number): void {
    if (!this.connection.open) return;
    const message = pattern(size, this.sent.length);
    this.sent.push(message);
    const goOn = this.connection.send(message);
    expect(goOn).toBe(this.connection.bufferedBytes < HIGH_WATER);
  }

  pause(): void {
    this.#paused = true;
    this.connection.pause();
  }

  resume(): void {
    this.#paused = false;
    this.connection.resume();
  }

  end(): void {
    this.connection.end();
  }

  close(): void {
    // One that has closed because both have ended has got everything.
    if (this.recorder.ends === 0) this.hasClosed = true;
    void this.connection.close();
  }

  /** Whether what came is the start of what `other` sent: each message once, in order, unchanged. */
  hasStartOf(other: End): boolean {
    return this.recorder.messages.every((message, i) => i < other.sent.length && same(message, other.sent[i]!));
  }
}

describe("whatever two ends do, short of aborting", () => {
  it("every message arrives exactly once, in order, at an end that has not closed by itself", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ chunkSize: fc.integer({ min: 1, max: 400 }), bufferSize: fc.integer({ min: 1, max: 2_000 }) }),
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(1, 2, 5, 1_000),
        async (carried, steps, pauseEvery, maxFramesPerTurn) => {
          const timers = new NodeTimers(true);
          const options = { highWaterMark: HIGH_WATER, maxFramesPerTurn };
          const ends = streamPair(carried).map((stream) => {
            return new End(new MessageConnection(stream, options, { timers }), pauseEvery);
          }) as [End, End];
          for (const taken of steps as Step[]) await take(taken, ends);

          for (const end of ends) {
            end.pauseEvery = 0;
            end.resume();
          }
          ends[0].close();
          for (const end of ends) await until("the end", () => end.recorder.closes.length > 0);
          for (const [i, end] of ends.entries()) {
            const other = ends[1 - i]!;
            expect(end.hasStartOf(other)).toBe(true);
            if (!end.hasClosed) expect(end.recorder.messages.length).toBe(other.sent.length);
            expect([end.recorder.closes, end.messagesWhilePaused]).toEqual([[undefined], 0]);
          }
          expect(timers.size).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

async function take(step: Step, ends: [End, End]): Promise<void> {
  switch (step.do) {
    case "send":
      return ends[step.side].send(step.size);
    case "pause":
    case "resume":
    case "end":
    case "close":
      return ends[step.side][step.do]();
    case "turn":
      return turn();
    case "microtasks":
      for (let i = 0; i < step.count; i++) await null;
  }
}
