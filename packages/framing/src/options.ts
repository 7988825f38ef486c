/** The longest payload by default, in bytes: 1 MiB. */
export const DEFAULT_MAX_LENGTH = 1_048_576;

/** Bytes in the length field; `"varint"` is unsigned LEB128 of 1 to 8 bytes. */
export type LengthFieldSize = 1 | 2 | 3 | 4 | 8 | "varint";

/** Which byte of the length field comes first: the most (`"big"`) or the least (`"little"`) significant. */
export type ByteOrder = "big" | "little";

/** How frames look on the wire. Both sides must agree on all four. */
export interface FrameOptions {
  /**
   * The longest payload in bytes, at least 1. By default 1 MiB, or as much as the length field can hold if that is
   * less. More than it can hold (8 bytes and varints: `Number.MAX_SAFE_INTEGER`) is refused.
   */
  maxLength?: number;
  /** The length field: 4 bytes by default. */
  lengthField?: LengthFieldSize;
  /** Byte order of the length field: `"big"` by default. A varint has its own, and ignores this. */
  byteOrder?: ByteOrder;
  /** Whether a payload may be empty. Off by default: then a length of 0 is an error on both sides. */
  allowEmpty?: boolean;
}

/** How a decoder reads frames. */
export interface FrameDecoderOptions extends FrameOptions {
  /**
   * Whether every payload is memory of its own, the user's to keep. Off by default: then it is a view on the chunk, and a copy
   * only when the frame was cut.
   */
  copy?: boolean;
}
