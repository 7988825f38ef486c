import { Accumulator } from "./accumulator.js";
import { checkLength } from "./check-length.js";
import type { FrameFormat } from "./frame-format.js";
import { INCOMPLETE, MAX_HEADER_LENGTH } from "./length-field.js";
import type { UnreadBytes } from "./unread-bytes.js";

/** The frame that the chunks so far have cut: its header byte by byte, then its payload as it comes. */
export class CutFrame {
  /** The bytes of the header that have arrived: the first `headerBytes` of these. */
  readonly header: Uint8Array = new Uint8Array(MAX_HEADER_LENGTH);
  headerBytes = 0;
  /** The payload, once the header is complete. */
  payload: Accumulator | null = null;
  readonly #format: FrameFormat;

  constructor(format: FrameFormat) {
    this.#format = format;
  }

  /** Whether any byte of a cut frame is held. */
  get started(): boolean {
    return this.headerBytes > 0;
  }

  /** Bytes held, the header's among them. */
  get bufferedBytes(): number {
    return this.headerBytes + (this.payload?.length ?? 0);
  }

  /**
   * Takes what belongs to the frame from the bytes being read.
   *
   * @returns the payload, in memory of its own, or `null` when more bytes are needed
   * @throws the errors of a bad header
   */
  fill(unread: UnreadBytes): Uint8Array | null {
    this.payload ??= this.#completeHeader(unread);
    if (this.payload === null) return null;
    const end = Math.min(unread.end, unread.offset + this.payload.missing);
    this.payload.append(unread.bytes, unread.offset, end);
    unread.offset = end;
    if (this.payload.missing > 0) return null;
    const whole = this.payload.take();
    this.clear();
    return whole;
  }

  clear(): void {
    this.headerBytes = 0;
    this.payload = null;
  }

  #completeHeader(unread: UnreadBytes): Accumulator | null {
    while (unread.offset < unread.end) {
      this.header[this.headerBytes++] = unread.bytes[unread.offset++]!;
      const length = this.#format.field.read(this.header, 0, this.headerBytes);
      if (length === INCOMPLETE) continue;
      checkLength(length, this.#format);
      return new Accumulator(length);
    }
    return null;
  }
}
