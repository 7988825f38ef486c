import { copyBytes } from "./copy-bytes.js";

/** Small payloads share blocks of this many bytes: a buffer for each would cost more than the copy. */
const BLOCK_SIZE = 8192;

/** From this many bytes on a payload gets a buffer of its own, so that it keeps no block alive. */
const LARGE = 4096;

/** Payloads start at multiples of this, so that any typed array can be laid over them. */
const ALIGNMENT = 8;

let block: ArrayBuffer = new ArrayBuffer(0);
let used = 0;

/** A copy of the bytes from `start` to before `end`, never written again: the user's to keep. */
export function copyPayload(source: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  const copy = length < LARGE ? cutFromBlock(length) : new Uint8Array(length);
  copyBytes(source, start, end, copy, 0);
  return copy;
}

function cutFromBlock(length: number): Uint8Array {
  // A block that its user transferred away has length 0, and is replaced like a full one.
  if (used + length > block.byteLength) {
    block = new ArrayBuffer(BLOCK_SIZE);
    used = 0;
  }
  const slice = new Uint8Array(block, used, length);
  used = (used + length + ALIGNMENT - 1) & -ALIGNMENT;
  return slice;
}
