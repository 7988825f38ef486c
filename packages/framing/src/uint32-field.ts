import { INCOMPLETE, type LengthField } from "./length-field.js";

/** The default header: 4 bytes, big-endian (network byte order, RFC 1700). */
export class Uint32Field implements LengthField {
  readonly maximum: number = 0xffff_ffff;

  headerLength(): number {
    return 4;
  }

  write(target: Uint8Array, offset: number, payloadLength: number): number {
    target[offset] = payloadLength >>> 24;
    target[offset + 1] = payloadLength >>> 16;
    target[offset + 2] = payloadLength >>> 8;
    target[offset + 3] = payloadLength;
    return offset + 4;
  }

  read(bytes: Uint8Array, offset: number, end: number): number {
    return end - offset < 4 ? INCOMPLETE : readUint32(bytes, offset);
  }
}

/** Four bytes, big-endian: a function of its own because the decoder calls it for every frame. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}
