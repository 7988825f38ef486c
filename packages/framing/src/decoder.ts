import { checkLength } from "./check-length.js";
import { CutFrame } from "./cut-frame.js";
import { PushAfterEndError, TruncatedFrameError } from "./errors.js";
import { expectBytes } from "./expect-bytes.js";
import { expectBoolean, type FrameFormat, frameFormat } from "./frame-format.js";
import { INCOMPLETE } from "./length-field.js";
import { lookAhead, type UnfinishedFrame } from "./look-ahead.js";
import type { FrameDecoderOptions } from "./options.js";
import { copyPayload } from "./payload-pool.js";
import { readUint32, Uint32Field } from "./uint32-field.js";
import { UnreadBytes } from "./unread-bytes.js";

/** A payload where it is: in `bytes`, from `start` to before `end`. */
export interface PayloadSlice {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const NOTHING = new Uint8Array();

/**
 * Turns chunks, cut anywhere, into the payloads of frames.
 *
 * Push a chunk, call `next()` until it returns `null`, push the next. Once `next()` has returned `null` the decoder
 * refers to no chunk any more; without the option `copy`, payloads may.
 *
 * Of a frame that was cut it holds at most twice the bytes that have arrived (or 256), whatever the header promises.
 *
 * A decoder that failed stays failed: every later call throws the same error.
 */
export class FrameDecoder {
  readonly #format: FrameFormat;
  readonly #copy: boolean;
  readonly #unread: UnreadBytes = new UnreadBytes();
  readonly #cut: CutFrame;
  readonly #slice = { bytes: NOTHING as Uint8Array, start: 0, end: 0 };
  /** Whether headers are the default ones, which `next()` reads itself. */
  readonly #uint32: boolean;
  /** What `next()` throws from now on. */
  #failure: Error | null = null;
  /** What `push()` throws from now on. */
  #refusal: Error | null = null;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(options?: FrameDecoderOptions) {
    this.#format = frameFormat(options);
    this.#copy = expectBoolean("copy", options?.copy);
    this.#cut = new CutFrame(this.#format);
    this.#uint32 = this.#format.field instanceof Uint32Field;
  }

  /**
   * Hands over the next chunk. Its memory must not change while bytes of it are unread (see `retain`). What is unread
   * of the chunk before is copied first, so pushing early is safe.
   *
   * @throws the error of a failed decoder; `ERR_FRAME_AFTER_END`; `ERR_INVALID_ARG_TYPE`
   */
  push(chunk: Uint8Array): void {
    if (this.#refusal !== null) throw this.#refusal;
    expectBytes("chunk", chunk);
    this.#unread.push(chunk);
  }

  /**
   * The next payload, or `null` when more bytes are needed.
   *
   * @throws `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`, `ERR_FRAME_HEADER`, after the frames before the bad one
   */
  next(): Uint8Array | null {
    const slice = this.nextSlice();
    if (slice === null) return null;
    const { bytes, start, end } = slice;
    // What was cut is in memory of its own.
    if (bytes !== this.#unread.bytes) return bytes;
    return this.#copy ? copyPayload(bytes, start, end) : this.#unread.view(start, end);
  }

  /**
   * As `next()`, but says only where the payload is, and never copies it. The object is the decoder's, the same each time, and
   * right until the next call.
   *
   * @throws as `next()`
   */
  nextSlice(): PayloadSlice | null {
    const unread = this.#unread;
    const start = unread.offset + 4;
    if (this.#uint32 && start <= unread.end && !this.#cut.started) {
      const length = readUint32(unread.bytes, unread.offset);
      const end = start + length;
      if (end <= unread.end && length <= this.#format.maxLength && length >= this.#format.minLength) {
        return this.#take(start, end);
      }
    }
    return this.#nextOfAnyKind();
  }

  /** Copies what is unread, so that the memory of the chunk may be reused. */
  retain(): void {
    this.#slice.bytes = NOTHING;
    this.#unread.retain();
  }

  /**
   * Says that no more chunks follow. `next()` goes on giving whole frames, also when this throws.
   *
   * @throws `ERR_FRAME_TRUNCATED` when the input breaks off inside a frame; the error of a failed decoder
   */
  end(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#refusal === null) {
      const unfinished = this.#unfinished();
      this.#refusal =
        unfinished === null
          ? new PushAfterEndError()
          : new TruncatedFrameError(unfinished.receivedBytes, unfinished.expectedLength);
    }
    if (this.#refusal instanceof TruncatedFrameError) throw this.#refusal;
  }

  /** Bytes pushed and not returned yet, headers among them. */
  get bufferedBytes(): number {
    return this.#unread.length + this.#cut.bufferedBytes;
  }

  /** Whether the input so far breaks off inside a frame. */
  get midFrame(): boolean {
    return this.#unfinished() !== null;
  }

  /** Payload length in bytes of the frame that the input breaks off in, once its header is complete, else 0. */
  get expectedLength(): number {
    return this.#unfinished()?.expectedLength ?? 0;
  }

  #nextOfAnyKind(): PayloadSlice | null {
    if (this.#failure !== null) throw this.#failure;
    if (this.#unread.length === 0) return this.#nothing();
    try {
      for (;;) {
        const slice = (this.#cut.started ? null : this.#nextWhole()) ?? this.#nextCut();
        if (slice !== null) return slice;
        if (!this.#unread.advance()) return this.#nothing();
      }
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  /** The next payload if the bytes being read hold its frame whole. */
  #nextWhole(): PayloadSlice | null {
    const { bytes, offset, end } = this.#unread;
    const { field } = this.#format;
    const length = field.read(bytes, offset, end);
    if (length === INCOMPLETE) return null;
    checkLength(length, this.#format);
    const start = offset + field.headerLength(length);
    return start + length <= end ? this.#take(start, start + length) : null;
  }

  /** The payload that was cut, if the bytes being read finish it. */
  #nextCut(): PayloadSlice | null {
    const payload = this.#cut.fill(this.#unread);
    return payload === null ? null : this.#sliceOf(payload, 0, payload.length);
  }

  /** Everything was taken: what it was in is let go. */
  #nothing(): null {
    this.#unread.clear();
    this.#slice.bytes = NOTHING;
    return null;
  }

  #take(start: number, end: number): PayloadSlice {
    this.#unread.offset = end;
    return this.#sliceOf(this.#unread.bytes, start, end);
  }

  #sliceOf(bytes: Uint8Array, start: number, end: number): PayloadSlice {
    const slice = this.#slice;
    // Mostly the chunk, told already: putting an object into another costs more than looking.
    if (slice.bytes !== bytes) slice.bytes = bytes;
    slice.start = start;
    slice.end = end;
    return slice;
  }

  #unfinished(): UnfinishedFrame | null {
    return this.bufferedBytes === 0 ? null : lookAhead(this.#cut, this.#unread, this.#format);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#refusal = error;
    this.#unread.clear();
    this.#cut.clear();
    this.#slice.bytes = NOTHING;
  }
}

/**
 * All payloads of an input that is complete: views on `bytes`, unless `copy` is set.
 *
 * @throws `ERR_FRAME_TRUNCATED` when it ends inside a frame; `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`, `ERR_FRAME_HEADER`,
 * `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function decodeFrames(bytes: Uint8Array, options?: FrameDecoderOptions): Uint8Array[] {
  const decoder = new FrameDecoder(options);
  decoder.push(bytes);
  const payloads: Uint8Array[] = [];
  for (let payload = decoder.next(); payload !== null; payload = decoder.next()) payloads.push(payload);
  decoder.end();
  return payloads;
}
