import { expect, it } from "vitest";
import { COPIED_WRITE_BYTES } from "../src/byte-stream.js";
import { expectBytes, type JoinedStreams, MiB, pattern, text } from "./joined-streams.js";

/** How bytes go through a `ByteStream`. Part of the contract. */
export function byteStreamWriting(current: () => JoinedStreams): void {
  it("starts paused", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    left.write(text("hello"));
    await pair.drained();
    await pair.turns();
    expect(atRight.events).toBe(0);

    right.resume();
    await atRight.received(5);
    expect(atRight.text).toBe("hello");
  });

  it("carries bytes both ways, in order, whatever sizes they are written in", async () => {
    const { left, right, atLeft, atRight } = current();
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

  it("joins a head and a slice, which is copied when it is short", async () => {
    const { left, right, atRight } = current();
    if (left.writeJoined === undefined) return;
    const source = pattern(40_000, 3);
    const sizes = [0, 1, 7, 8, 9, 15, 16, 17, 25, 25, 255, 256, 257, 1_024, COPIED_WRITE_BYTES, 5];
    const sent: Uint8Array[] = [];
    let from = 1;
    for (const size of sizes) {
      left.writeJoined(text("head"), source, from, from + size);
      left.write(text("between"));
      sent.push(text("head"), source.slice(from, from + size), text("between"));
      from += size + 3;
    }
    source.fill(0);
    right.resume();
    const expected = Buffer.concat(sent);
    await atRight.received(expected.length);
    expectBytes(atRight.bytes, expected);
  });

  it("borrows a long slice until it is taken", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    if (left.writeJoined === undefined) return;
    const source = pattern(200_000, 4);
    left.writeJoined(text("head"), source, 100, 150_100);
    right.resume();
    await pair.drained();
    source.fill(0);
    await atRight.received(150_004);
    expectBytes(atRight.bytes, Buffer.concat([text("head"), pattern(200_000, 4).subarray(100, 150_100)]));
  });

  it("offers what waits again whenever it is asked, and calls no handler from inside of that", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    const written = await pair.fill();
    pair.quietly(() => left.offer?.());
    right.resume();
    while (left.bufferedBytes > 0) {
      await pair.turns();
      pair.quietly(() => left.offer?.());
      expect(left.bytesWritten + left.bufferedBytes).toBe(written);
    }
    await atRight.received(written);
    expect(atRight.length).toBe(written);
    left.close();
    pair.quietly(() => left.offer?.());
    expect(left.bytesWritten).toBe(written);
  });

  it("calls no handler from inside a call", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    pair.quietly(() => right.resume());
    pair.quietly(() => left.write(pattern(100_000)));
    pair.quietly(() => right.pause());
    pair.quietly(() => right.resume());
    pair.quietly(() => left.end());
    await atRight.ended();
    pair.quietly(() => right.close());
    pair.quietly(() => left.abort());
  });

  it("counts what was written and not taken, and what was taken", async () => {
    const pair = current();
    const { left, right, atLeft, atRight } = pair;
    const written = await pair.fill();
    expect(left.bytesWritten + left.bufferedBytes).toBe(written);
    expect(left.bytesWritten).toBeGreaterThan(0);

    const buffered: number[] = [];
    atLeft.onEvent = () => buffered.push(left.bufferedBytes);
    right.resume();
    await Promise.all([pair.drained(), atRight.received(written)]);
    expect(left.bytesWritten).toBe(written);
    expect(
      buffered.every((bytes, i) => i === 0 || bytes < buffered[i - 1]!),
      "bufferedBytes shrinks",
    ).toBe(true);
    expect(buffered.at(-1)).toBe(0);
    expectBytes(atRight.bytes.subarray(-MiB), pattern(MiB));
  });

  it("copies a short write before it returns", async () => {
    const { left, right, atRight } = current();
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

  it("copies writes of any length, if it says so", async () => {
    const { left, right, atRight } = current();
    if (left.copiesAll !== true) return;
    const bytes = pattern(300_000, 5);
    left.write(bytes);
    bytes.fill(0);
    right.resume();
    await atRight.received(300_000);
    expectBytes(atRight.bytes, pattern(300_000, 5));
  });

  it("copies a short write that has to wait, too", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    const written = await pair.fill();
    const short = pattern(COPIED_WRITE_BYTES, 1);
    left.write(short);
    short.fill(0);
    right.resume();
    await atRight.received(written + COPIED_WRITE_BYTES);
    expectBytes(atRight.bytes.subarray(-COPIED_WRITE_BYTES), pattern(COPIED_WRITE_BYTES, 1));
  });

  it("is done with a long write when bufferedBytes is 0", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    const bytes = pattern(COPIED_WRITE_BYTES * 4 + 1, 1);
    right.resume();
    left.write(bytes);
    await pair.drained();
    bytes.set(pattern(bytes.length, 2));
    left.write(bytes);
    await atRight.received(2 * bytes.length);
    expectBytes(atRight.bytes, Buffer.concat([pattern(bytes.length, 1), pattern(bytes.length, 2)]));
  });

  it("delivers nothing after a pause, and the rest after resume", async () => {
    const pair = current();
    const { right, atRight } = pair;
    const written = await pair.fill();
    atRight.onEvent = () => right.pause();
    right.resume();
    await atRight.received(1);
    await pair.turns();
    expect(atRight.chunks.length).toBe(1);

    atRight.onEvent = null;
    right.resume();
    await atRight.received(written);
    expect(atRight.length).toBe(written);
  });
}
