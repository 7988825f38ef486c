import { copyBytes } from "./copy-bytes.js";

const NOTHING = new Uint8Array();

/**
 * The bytes that no frame has taken yet: the ones being read (`bytes` from `offset` to before `end`), and at most one
 * chunk waiting behind them. The bytes being read are the caller's last chunk, or our own copy of what was left of
 * earlier ones. Own memory that was read is never written again: payloads may be views on it.
 */
export class UnreadBytes {
  bytes: Uint8Array = NOTHING;
  offset = 0;
  end = 0;
  // What a view needs, fetched with the first of a chunk: these two are slow getters, and not everybody wants views.
  #buffer: ArrayBufferLike | null = null;
  #byteOffset = 0;
  #own = false;
  #waiting: Uint8Array | null = null;

  /** How many bytes are unread. */
  get length(): number {
    return this.end - this.offset + (this.#waiting?.length ?? 0);
  }

  /** Takes the next chunk; what is unread of the one before is copied first, so that its memory is free. */
  push(chunk: Uint8Array): void {
    if (this.offset === this.end && this.#waiting === null) return this.#read(chunk, chunk.length, false);
    this.retain();
    this.#waiting = chunk;
  }

  /** Copies all that is unread into own memory, unless it is there already. */
  retain(): void {
    if (this.length === 0) return this.clear();
    if (this.offset === this.end) this.advance();
    const waiting = this.#waiting ?? NOTHING;
    this.#waiting = null;
    const length = this.end - this.offset + waiting.length;
    if (!this.#own) this.#moveTo(new Uint8Array(length));
    // Twice the size, so that many small chunks cost one copy each and not one of everything.
    else if (this.offset + length > this.bytes.length) this.#moveTo(new Uint8Array(2 * length));
    this.bytes.set(waiting, this.end);
    this.end += waiting.length;
  }

  /** Goes on to the waiting chunk when all before it is read. Returns whether any byte is unread now. */
  advance(): boolean {
    const chunk = this.#waiting;
    this.#waiting = null;
    if (chunk === null) this.#read(NOTHING, 0, false);
    else this.#read(chunk, chunk.length, false);
    return this.end > 0;
  }

  /** The unread byte at `position`, counted from the next one to be read. */
  at(position: number): number {
    const left = this.end - this.offset;
    return position < left ? this.bytes[this.offset + position]! : this.#waiting![position - left]!;
  }

  /** Forgets everything. */
  clear(): void {
    this.#waiting = null;
    if (this.bytes !== NOTHING) this.#read(NOTHING, 0, false);
  }

  /** A view of the bytes being read, from `start` to before `end`. */
  view(start: number, end: number): Uint8Array {
    if (this.#buffer === null) {
      this.#buffer = this.bytes.buffer;
      this.#byteOffset = this.bytes.byteOffset;
    }
    return new Uint8Array(this.#buffer, this.#byteOffset + start, end - start);
  }

  #moveTo(memory: Uint8Array): void {
    copyBytes(this.bytes, this.offset, this.end, memory, 0);
    this.#read(memory, this.end - this.offset, true);
  }

  #read(bytes: Uint8Array, end: number, own: boolean): void {
    this.bytes = bytes;
    this.offset = 0;
    this.end = end;
    this.#buffer = null;
    this.#own = own;
  }
}
