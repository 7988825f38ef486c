import type { ByteStreamHandlers } from "./byte-stream.js";

/** How bytes travel in memory; see `streamPair`. */
export interface PipeOptions {
  readonly chunkSize: number;
  readonly bufferSize: number;
  readonly schedule: (task: () => void) => void;
}

/**
 * One direction of a pair: a write queue, then a buffer of limited size (the part that a system would call "in the
 * kernel"), then the reader. Bytes move in tasks of their own, so that no handler is called from inside a call.
 */
export class Pipe {
  /** Written, not taken yet. */
  queuedBytes = 0;
  takenBytes = 0;
  reader: ByteStreamHandlers | null = null;
  writer: ByteStreamHandlers | null = null;
  reading = false;

  #queue: Uint8Array[] = [];
  #buffer: Uint8Array[] = [];
  #bufferBytes = 0;
  #ended = false;
  #endDelivered = false;
  #discarding = false;
  #stopped = false;
  #scheduled = false;
  readonly #options: PipeOptions;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): void {
    if (this.#stopped || this.#ended || bytes.length === 0) return;
    this.#queue.push(bytes.slice());
    this.queuedBytes += bytes.length;
    this.wake();
  }

  end(): void {
    this.#ended = true;
    this.wake();
  }

  /** The writer is gone: what was taken still arrives, then the end. */
  closeWriter(): void {
    this.#queue = [];
    this.queuedBytes = 0;
    this.writer = null;
    this.end();
  }

  /** The reader is gone: whatever comes is swallowed. */
  closeReader(): void {
    this.reader = null;
    this.#discarding = true;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#buffer = [];
    this.queuedBytes = 0;
    this.reader = null;
    this.writer = null;
  }

  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#options.schedule(() => {
      this.#scheduled = false;
      this.#move();
    });
  }

  #move(): void {
    if (this.#stopped) return;
    const taken = this.#take();
    if (taken > 0) this.writer?.onDrain();
    this.#deliver();
    if (this.#canMove()) this.wake();
  }

  #canMove(): boolean {
    if (this.queuedBytes > 0 && this.#bufferBytes < this.#options.bufferSize) return true;
    if (this.#bufferBytes > 0) return this.#discarding || (this.reading && this.reader !== null);
    return this.#ended && this.queuedBytes === 0 && this.reading && this.reader !== null && !this.#endDelivered;
  }

  #take(): number {
    let taken = 0;
    while (this.#queue.length > 0 && this.#bufferBytes < this.#options.bufferSize) {
      const first = this.#queue[0]!;
      const length = Math.min(first.length, this.#options.bufferSize - this.#bufferBytes);
      if (length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(length);
      this.#buffer.push(first.subarray(0, length));
      this.#bufferBytes += length;
      taken += length;
    }
    this.queuedBytes -= taken;
    this.takenBytes += taken;
    return taken;
  }

  #deliver(): void {
    if (this.#discarding) {
      this.#buffer = [];
      this.#bufferBytes = 0;
      return;
    }
    if (!this.reading || this.reader === null) return;
    const first = this.#buffer[0];
    if (first !== undefined) {
      const chunk = first.subarray(0, this.#options.chunkSize);
      if (chunk.length === first.length) this.#buffer.shift();
      else this.#buffer[0] = first.subarray(chunk.length);
      this.#bufferBytes -= chunk.length;
      this.reader.onData(chunk);
    } else if (this.#ended && this.queuedBytes === 0 && !this.#endDelivered) {
      this.#endDelivered = true;
      this.reader.onEnd();
    }
  }
}
