import { checkLength } from "./check-length.js";
import { ArgumentValueError } from "./errors.js";
import { expectBytes } from "./expect-bytes.js";
import { type FrameFormat, frameFormat } from "./frame-format.js";
import type { FrameOptions } from "./options.js";

/**
 * Turns payloads into frames. It keeps nothing between calls, and never a reference to a payload.
 *
 * Every method throws before it writes anything: `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`; `ERR_INVALID_ARG_TYPE`,
 * `ERR_INVALID_ARG_VALUE` for arguments that make no sense.
 */
export class FrameEncoder {
  readonly #format: FrameFormat;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(options?: FrameOptions) {
    this.#format = frameFormat(options);
  }

  /** How many bytes the header of a payload of `payloadLength` bytes takes: 1 to 8. */
  headerLength(payloadLength: number): number {
    this.#check(payloadLength);
    return this.#format.field.headerLength(payloadLength);
  }

  /**
   * Writes the header of a payload of `payloadLength` bytes into `target` at `offset`.
   *
   * @returns the offset after the header, where the payload belongs
   */
  writeHeader(target: Uint8Array, offset: number, payloadLength: number): number {
    this.#check(payloadLength);
    const { field } = this.#format;
    const room = target.length - offset;
    // A typed array drops what is written beyond its end without a word.
    if (!(offset >= 0 && room >= field.headerLength(payloadLength))) {
      throw new ArgumentValueError(
        `offset: expected room for a header of ${field.headerLength(payloadLength)} bytes, got ${room} bytes from ${offset} on`,
      );
    }
    return field.write(target, offset, payloadLength);
  }

  /** The frame of one payload: header and payload in one fresh buffer, the caller's to keep. */
  encode(payload: Uint8Array): Uint8Array {
    const frame = new Uint8Array(this.#frameLength(payload));
    this.#writeFrame(frame, 0, payload);
    return frame;
  }

  /** The frames of all payloads, one after the other in one fresh buffer; all are checked before any is written. */
  encodeBatch(payloads: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const payload of payloads) length += this.#frameLength(payload);
    const frames = new Uint8Array(length);
    let offset = 0;
    for (const payload of payloads) offset = this.#writeFrame(frames, offset, payload);
    return frames;
  }

  #check(payloadLength: number): void {
    if (!Number.isInteger(payloadLength) || payloadLength < 0) {
      throw new ArgumentValueError(`payload length: expected a whole number of bytes, got ${payloadLength}`);
    }
    checkLength(payloadLength, this.#format);
  }

  #frameLength(payload: Uint8Array): number {
    expectBytes("payload", payload);
    checkLength(payload.length, this.#format);
    return this.#format.field.headerLength(payload.length) + payload.length;
  }

  #writeFrame(target: Uint8Array, offset: number, payload: Uint8Array): number {
    const start = this.#format.field.write(target, offset, payload.length);
    target.set(payload, start);
    return start + payload.length;
  }
}

/**
 * The frame of one payload, in a fresh buffer. For many payloads keep one `FrameEncoder` instead.
 *
 * @throws `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function encodeFrame(payload: Uint8Array, options?: FrameOptions): Uint8Array {
  return new FrameEncoder(options).encode(payload);
}
