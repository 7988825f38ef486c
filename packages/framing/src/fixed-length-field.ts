import { INCOMPLETE, type LengthField } from "./length-field.js";

/** A length of 1, 2, 3, 4 or 8 bytes, in either byte order. */
export class FixedLengthField implements LengthField {
  readonly maximum: number;
  readonly #size: number;
  readonly #littleEndian: boolean;

  constructor(size: 1 | 2 | 3 | 4 | 8, littleEndian: boolean) {
    this.maximum = Math.min(2 ** (8 * size) - 1, Number.MAX_SAFE_INTEGER);
    this.#size = size;
    this.#littleEndian = littleEndian;
  }

  headerLength(): number {
    return this.#size;
  }

  write(target: Uint8Array, offset: number, payloadLength: number): number {
    const size = this.#size;
    let rest = payloadLength;
    for (let place = 0; place < size; place++) {
      target[this.#littleEndian ? offset + place : offset + size - 1 - place] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return offset + size;
  }

  read(bytes: Uint8Array, offset: number, end: number): number {
    const size = this.#size;
    if (end - offset < size) return INCOMPLETE;
    let length = 0;
    for (let place = size - 1; place >= 0; place--) {
      // Bit shifts stop at 32 bits; a product stays exact up to 2^53 and far too large above, which is all we need.
      length = length * 256 + bytes[this.#littleEndian ? offset + place : offset + size - 1 - place]!;
    }
    return length;
  }
}
