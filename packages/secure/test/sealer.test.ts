import { FrameDecoder } from "@p2pnet/framing";
import { type ByteStream, COPIED_WRITE_BYTES } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { BlockPool } from "../src/ciphers/block-pool.js";
import { selectCiphers } from "../src/ciphers/select.js";
import { MAX_NONCE, type RekeyLimits } from "../src/index.js";
import { Opener, RECEIVE_BLOCK_BYTES } from "../src/session/opener.js";
import { RekeyCounter } from "../src/session/rekey.js";
import { SEND_BLOCK_BYTES, Sealer } from "../src/session/sealer.js";
import { transportStates } from "./sessions.js";

/** A stream whose system takes bytes when it is told to. Long writes are borrowed until then, as real ones do. */
class SlowStream implements ByteStream {
  bufferedBytes = 0;
  bytesWritten = 0;
  /** In the order of writes, which frames were given in one. */
  readonly writes: number[][] = [];
  readonly #queue: Uint8Array[] = [];
  readonly #taken: Uint8Array[] = [];
  writeJoined?: (head: Uint8Array, bytes: Uint8Array, start: number, end: number) => void;

  constructor(joins: boolean) {
    if (!joins) return;
    this.writeJoined = (head, bytes, start, end) => {
      this.#add(head);
      this.#add(bytes.subarray(start, end));
      this.writes.push([head.length, end - start]);
    };
  }

  write(bytes: Uint8Array): void {
    this.#add(bytes);
    this.writes.push([bytes.length]);
  }

  take(length = Number.POSITIVE_INFINITY): void {
    let left = length;
    for (let first = this.#queue[0]; first !== undefined && left > 0; first = this.#queue[0]) {
      const part = first.slice(0, left);
      this.#taken.push(part);
      this.bytesWritten += part.length;
      this.bufferedBytes -= part.length;
      left -= part.length;
      if (part.length < first.length) this.#queue[0] = first.subarray(part.length);
      else this.#queue.shift();
    }
  }

  /** All that was taken. */
  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#taken));
  }

  #add(bytes: Uint8Array): void {
    this.#queue.push(bytes.length > COPIED_WRITE_BYTES ? bytes : bytes.slice());
    this.bufferedBytes += bytes.length;
  }

  start(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  close(): void {}
  abort(): void {}
}

/** A sealer over such a stream, and what the peer opens of what was taken. */
function start(joins: boolean, limits: RekeyLimits | null, nonce = 0) {
  const [{ send }, { receive }] = transportStates();
  send.setNonce(nonce);
  receive.setNonce(nonce);
  const suite = selectCiphers();
  const stream = new SlowStream(joins);
  const sealer = new Sealer(stream, send, new RekeyCounter(limits), new BlockPool(suite, SEND_BLOCK_BYTES));
  const opened = (): Uint8Array => {
    const decoder = new FrameDecoder({ lengthField: 2, maxLength: 65_535 });
    const opener = new Opener(decoder, receive, new RekeyCounter(limits), false);
    const block = suite.block(RECEIVE_BLOCK_BYTES);
    const parts: Uint8Array[] = [];
    opener.push(stream.bytes);
    for (let length = opener.open(block); length > 0; length = opener.open(block)) {
      parts.push(block.bytes.slice(0, length));
    }
    // After the last nonce no key can be made, on this side either.
    expect(opener.failure).toEqual(limits !== null && receive.nonce === MAX_NONCE ? exhausted : null);
    return new Uint8Array(Buffer.concat(parts));
  };
  return { sealer, stream, opened };
}

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8));
const FULL = 65_519;
const OVERHEAD = 18;
const exhausted = expect.objectContaining({ code: "ERR_NONCE_EXHAUSTED" });

describe.each([true, false])("a sealer whose stream joins writes: %s", (joins) => {
  it.each([
    ["each message", { messages: 1, bytes: 2 ** 30 }],
    ["every second one", { messages: 2, bytes: 2 ** 30 }],
    ["the bytes of a full one", { messages: 2 ** 20, bytes: FULL }],
    ["more bytes than a full one", { messages: 2 ** 20, bytes: FULL + 1 }],
  ])("replaces keys after %s, also between a full message and its tail", (_, limits) => {
    const { sealer, stream, opened } = start(joins, limits);
    const sent: Uint8Array[] = [];
    for (const length of [200_000, 65_540, 1, FULL, 65_540, FULL + 16_366, FULL + 16_367, 5]) {
      const bytes = bytesOf(length);
      sent.push(bytes);
      sealer.write(bytes);
      sealer.flush();
    }
    stream.take();
    expect(Buffer.compare(opened(), Buffer.concat(sent))).toBe(0);
  });

  it("writes a full message and the little behind it together, if it can", () => {
    const { sealer, stream } = start(joins, null);
    sealer.write(bytesOf(65_540));
    const [head, tail] = [FULL + OVERHEAD, 21 + OVERHEAD];
    expect(stream.writes).toEqual(joins ? [[head, tail]] : [[head], [tail]]);
    expect(sealer.waitingBytes).toBe(0);
  });

  it.each([
    ["no nonce is left for its tail", MAX_NONCE - 1, null, FULL],
    ["no key can be made for its tail", MAX_NONCE - 1, { messages: 1, bytes: 2 ** 30 }, FULL],
    ["no key can be made after its tail", MAX_NONCE - 2, { messages: 1, bytes: 2 ** 30 }, 65_540],
  ])("loses nothing that it has sealed when %s", (_, nonce, limits, left) => {
    const { sealer, stream, opened } = start(joins, limits, nonce);
    const bytes = bytesOf(65_540);
    expect(() => sealer.write(bytes)).toThrow(exhausted);
    expect(sealer.bufferedBytes).toBe(left);
    stream.take();
    expect(sealer.takenBytes).toBe(left);
    expect(Buffer.compare(opened(), bytes.subarray(0, left))).toBe(0);
    expect(() => sealer.write(bytes)).toThrow(exhausted);
    stream.take();
    expect(sealer.takenBytes).toBe(left);
  });

  it("sends its last message, and its last tail, before it fails", () => {
    const short = start(joins, { messages: 1, bytes: 2 ** 30 }, MAX_NONCE - 1);
    short.sealer.write(bytesOf(10));
    expect(() => short.sealer.flush()).toThrow(exhausted);
    short.stream.take();
    expect(short.opened()).toEqual(bytesOf(10));

    const long = start(joins, null, MAX_NONCE - 2);
    long.sealer.write(bytesOf(65_540));
    expect(() => long.sealer.sendEmpty()).toThrow(exhausted);
    long.stream.take();
    expect(Buffer.compare(long.opened(), bytesOf(65_540))).toBe(0);
  });

  it.each([1, 1_000, 65_537, 70_000])(
    "counts messages of 64 KiB that wait, taken by %i bytes, and loses none",
    (step) => {
      const { sealer, stream, opened } = start(joins, { messages: 3, bytes: 2 ** 30 });
      const messages = Array.from({ length: 12 }, (_, i) => bytesOf(65_536).fill(i, 0, 8));
      let written = 0;
      const look = (): void => expect(sealer.takenBytes + sealer.bufferedBytes).toBe(written);
      for (const message of messages) {
        sealer.write(message);
        written += message.length;
        look();
        stream.take(step);
        look();
      }
      for (let before = sealer.bufferedBytes; stream.bufferedBytes > 0; before = sealer.bufferedBytes) {
        stream.take(Math.max(step, 10_000));
        look();
        expect(sealer.bufferedBytes).toBeLessThanOrEqual(before);
      }
      expect([sealer.bufferedBytes, sealer.takenBytes]).toEqual([0, written]);
      expect(Buffer.compare(opened(), Buffer.concat(messages))).toBe(0);
    },
  );
});
