import { expect } from "vitest";
import type { ByteStream } from "../src/byte-stream.js";
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

export const MiB: number = 1024 * 1024;
const TURNS = 10;

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Bytes that differ from their neighbours, and from those of another seed. */
export const pattern = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed * 17) & 0xff);

/** As `toEqual`, but quick for a million bytes. */
export function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  expect(got.length).toBe(expected.length);
  expect(Buffer.compare(got, expected), "order of the bytes").toBe(0);
}

/** A pair under test with a recorder at each side. */
export class JoinedStreams {
  readonly left: ByteStream;
  readonly right: ByteStream;
  readonly atLeft: Recorder = new Recorder();
  readonly atRight: Recorder = new Recorder();
  readonly #pair: StreamPairUnderTest;

  constructor(pair: StreamPairUnderTest) {
    this.#pair = pair;
    this.left = pair.left;
    this.right = pair.right;
    this.left.start(this.atLeft);
    this.right.start(this.atRight);
  }

  cleanup(): Promise<void> {
    return this.#pair.cleanup();
  }

  /** Gives what must not happen time to happen. */
  async turns(): Promise<void> {
    for (let i = 0; i < TURNS; i++) {
      await (this.#pair.turn?.() ?? new Promise<void>((resolve) => setImmediate(resolve)));
    }
  }

  /** Everything that `left` was given has been taken. */
  drained(): Promise<void> {
    return this.atLeft.until("bufferedBytes to be 0", () => this.left.bufferedBytes === 0);
  }

  /** Makes the call, in which no handler may be called. */
  quietly(call: () => void): void {
    const before = this.atLeft.events + this.atRight.events;
    call();
    expect(this.atLeft.events + this.atRight.events, "events inside of a call").toBe(before);
  }

  /** Writes at the left until the system takes no more, since the right does not read. Returns how many bytes. */
  async fill(): Promise<number> {
    const piece = pattern(MiB);
    for (let written = MiB; written <= 256 * MiB; written += MiB) {
      this.left.write(piece);
      await this.turns();
      if (this.left.bufferedBytes >= MiB) return written;
    }
    throw new Error("expected a stream that takes a limited number of bytes, got one that took 256 MiB");
  }
}
