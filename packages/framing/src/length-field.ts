/** What `read` returns when the header goes on after the bytes at hand. */
export const INCOMPLETE = -1;

/** No header is longer than this many bytes. */
export const MAX_HEADER_LENGTH = 8;

/** The codec of a frame's header, which is the payload length in bytes and nothing else. */
export interface LengthField {
  /** The greatest payload length in bytes that the field can hold, at most `Number.MAX_SAFE_INTEGER`. */
  readonly maximum: number;

  /** How many bytes the header of a payload of this length takes. */
  headerLength(payloadLength: number): number;

  /** Writes the header at `offset` and returns the offset after it. Length and room have been checked before. */
  write(target: Uint8Array, offset: number, payloadLength: number): number;

  /**
   * Reads the header at `offset` from the bytes before `end`.
   *
   * @returns the payload length (above 2^53 the nearest number), or `INCOMPLETE`
   * @throws FrameHeaderError (`ERR_FRAME_HEADER`)
   */
  read(bytes: Uint8Array, offset: number, end: number): number;
}
