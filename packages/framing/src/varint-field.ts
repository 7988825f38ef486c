import { FrameHeaderError } from "./errors.js";
import { INCOMPLETE, type LengthField, MAX_HEADER_LENGTH } from "./length-field.js";

/**
 * An unsigned LEB128 length: seven bits a byte, least significant first, the top bit set in all bytes but the last.
 * As in Protocol Buffers ("Base 128 Varints") and libp2p, whose unsigned-varint specification also asks for the
 * shortest encoding; that makes the header's size a function of the length.
 */
export class VarintField implements LengthField {
  readonly maximum: number = Number.MAX_SAFE_INTEGER;

  headerLength(payloadLength: number): number {
    let size = 1;
    for (let limit = 128; payloadLength >= limit; limit *= 128) size++;
    return size;
  }

  write(target: Uint8Array, offset: number, payloadLength: number): number {
    let at = offset;
    let rest = payloadLength;
    while (rest >= 128) {
      target[at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    target[at++] = rest;
    return at;
  }

  read(bytes: Uint8Array, offset: number, end: number): number {
    let length = 0;
    let weight = 1;
    for (let size = 1; size <= MAX_HEADER_LENGTH; size++) {
      const at = offset + size - 1;
      if (at >= end) return INCOMPLETE;
      const byte = bytes[at]!;
      length += (byte & 127) * weight;
      weight *= 128;
      if (byte >= 128) continue;
      if (byte === 0 && size > 1) {
        throw new FrameHeaderError(`frame header: expected the shortest varint, got ${size} bytes ending in zero`);
      }
      return length;
    }
    throw new FrameHeaderError(
      `frame header: expected a varint of at most ${MAX_HEADER_LENGTH} bytes, got a longer one`,
    );
  }
}
