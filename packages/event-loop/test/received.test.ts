import { expect, it } from "vitest";
import { BlockPool } from "../src/streams/block-pool.js";
import { Received } from "../src/streams/received.js";

const memory = Uint8Array.from({ length: 600 }, (_, index) => index & 0xff);
const CHUNK_AT = 100;

function stage() {
  const received = new Received();
  const chunk = new Uint8Array(memory.buffer, CHUNK_AT, 200);
  received.tell(chunk, new DataView(memory.buffer), CHUNK_AT);
  const block = new BlockPool().take(600);
  block.bytes.fill(0xee, block.offset, block.limit);
  return { received, chunk, own: chunk.slice(), block };
}

it.each(["chunk", "own"] as const)("copies any part of its %s bytes, and writes nothing beside it", (which) => {
  const { received, block, ...from } = stage();
  const bytes = from[which];
  for (let length = 0; length <= 100; length++) {
    for (const start of [0, 1, 7, 100]) {
      const to = block.offset + 9;
      block.bytes.fill(0xee, block.offset, block.limit);
      received.copy(bytes, start, start + length, block, to);
      expect(block.bytes.slice(to, to + length)).toEqual(bytes.slice(start, start + length));
      expect([block.bytes[to - 1], block.bytes[to + length]]).toEqual([0xee, 0xee]);
    }
  }
});

it.each(["chunk", "own"] as const)("refuses what does not lie within its %s bytes, whatever lies beyond", (which) => {
  const { received, block, ...from } = stage();
  for (const [start, end] of [
    [190, 201],
    [100, 300],
    [-1, 5],
    [5, 4],
    [Number.NaN, 5],
  ] as const) {
    expect(() => received.copy(from[which], start, end, block, block.offset)).toThrow(RangeError);
    expect(new Set(block.bytes.subarray(block.offset, block.limit))).toEqual(new Set([0xee]));
  }
});
