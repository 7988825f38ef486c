import type { Segment } from "./block-pool.js";

const NOTHING = new Uint8Array();
const NO_VIEW = new DataView(NOTHING.buffer);
/** Up to this many bytes a loop beats `TypedArray.set`, whose call alone takes as long. */
const LOOP_BYTES = 16;
/** The same for a part of an array, which `set` needs a view of. */
const PART_LOOP_BYTES = 64;

/**
 * Copies parts of an array into blocks. What a turn sends comes mostly from the one chunk that it received, so that a view of that
 * is worth its while: with it 25 bytes take a third of a loop's time, and a tenth of what `TypedArray.set` takes with the view
 * that it needs for each.
 */
export class SliceSource {
  /** What was copied from last; its view is made when something is copied from it once more, or much at once. */
  #bytes: Uint8Array = NOTHING;
  #view: DataView = NO_VIEW;
  /** Of `#bytes`: memory may be resized between two slices of it, and the view with it. */
  #length = 0;

  copy(bytes: Uint8Array, start: number, end: number, { bytes: target, view }: Segment, offset: number): void {
    const length = end - start;
    if (bytes !== this.#bytes || bytes.length !== this.#length) {
      this.#bytes = bytes;
      this.#length = bytes.length;
      this.#view = NO_VIEW;
      const isWhole = length === bytes.length;
      if (isWhole && length > LOOP_BYTES) return target.set(bytes, offset);
      if (length <= PART_LOOP_BYTES) {
        for (let index = 0; index < length; index++) target[offset + index] = bytes[start + index]!;
        return;
      }
    }
    this.#copyWords(start, end, view, offset);
  }

  /** Lets go of the memory that was copied from. */
  forget(): void {
    this.#bytes = NOTHING;
    this.#view = NO_VIEW;
  }

  #copyWords(start: number, end: number, target: DataView, offset: number): void {
    const bytes = this.#bytes;
    if (this.#view === NO_VIEW) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const view = this.#view;
    let from = start;
    let to = offset;
    // As integers: a float that is no number would not keep its bits.
    for (; from + 8 <= end; from += 8, to += 8) {
      target.setInt32(to, view.getInt32(from, true), true);
      target.setInt32(to + 4, view.getInt32(from + 4, true), true);
    }
    for (; from < end; from++, to++) target.setUint8(to, view.getUint8(from));
  }
}
