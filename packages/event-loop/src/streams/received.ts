import type { Segment } from "./block-pool.js";

const NOTHING = new Uint8Array();
const NO_VIEW = new DataView(NOTHING.buffer);
/** Up to this many bytes a loop beats `TypedArray.set`, whose call alone takes as long. */
export const LOOP_BYTES = 16;
/** The same for a part of an array, which `set` needs a view of. */
const PART_LOOP_BYTES = 64;

/**
 * The chunk that the loop tells of, with the means to copy from it: what a turn sends comes mostly from what it received. Eight
 * bytes at a time, 25 of them take a third of a loop's time, and a tenth of what `TypedArray.set` takes with the view that it
 * needs for each part.
 */
export class Received {
  #bytes: Uint8Array = NOTHING;
  #memory: DataView = NO_VIEW;
  #offset = 0;

  /** The chunk is `bytes`, which begin at `offset` of `memory`: the loop's own, which it keeps. */
  tell(bytes: Uint8Array, memory: DataView, offset: number): void {
    this.#bytes = bytes;
    this.#memory = memory;
    this.#offset = offset;
  }

  /**
   * Copies `bytes`, the chunk or others, from `start` to before `end` into a block at `to`.
   *
   * @throws RangeError, before anything is copied, unless these lie within `bytes`
   */
  copy(bytes: Uint8Array, start: number, end: number, { bytes: target, view }: Segment, to: number): void {
    // Beyond the chunk, and in the block, lies what others were sent.
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`slice: expected one within ${bytes.length} bytes, got ${start} to ${end}`);
    }
    if (bytes === this.#bytes) return this.#copyWords(start, end, view, to);
    const isWhole = end - start === bytes.length;
    if (end - start > (isWhole ? LOOP_BYTES : PART_LOOP_BYTES)) {
      return target.set(isWhole ? bytes : bytes.subarray(start, end), to);
    }
    for (let index = start; index < end; index++) target[to + index - start] = bytes[index]!;
  }

  #copyWords(start: number, end: number, target: DataView, offset: number): void {
    const memory = this.#memory;
    let from = this.#offset + start;
    let to = offset;
    if (end - start < 8) {
      for (const last = this.#offset + end; from < last; from++, to++) target.setUint8(to, memory.getUint8(from));
      return;
    }
    const lastWord = this.#offset + end - 8;
    for (; from < lastWord; from += 8, to += 8) copyWord(memory, from, target, to);
    // The last eight, of which some may be there already.
    copyWord(memory, lastWord, target, to + lastWord - from);
  }
}

/** As integers: a float that is no number would not keep its bits. */
function copyWord(source: DataView, from: number, target: DataView, to: number): void {
  target.setInt32(to, source.getInt32(from, true), true);
  target.setInt32(to + 4, source.getInt32(from + 4, true), true);
}
