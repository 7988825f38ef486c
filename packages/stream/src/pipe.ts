import type { ByteStreamHandlers } from "./byte-stream.js";

/** How bytes travel in memory; see `streamPair`. */
export interface PipeOptions {
  readonly chunkSize: number;
  readonly bufferSize: number;
  /** Calls back when what leaves now has arrived. Never at once; what left first arrives first. */
  readonly travel: (arrived: () => void) => void;
}

/**
 * One direction of a pair: a write queue, then a limited number of bytes that are under way or wait for the reader (the
 * part that a system would call "in the kernel"). Bytes move in microtasks, so that no handler is called from inside a
 * call.
 */
export class Pipe {
  /** Written, not taken yet. */
  queuedBytes = 0;
  takenBytes = 0;
  reader: ByteStreamHandlers | null = null;
  writer: ByteStreamHandlers | null = null;
  reading = false;

  #queue: Uint8Array[] = [];
  #arrived: Uint8Array[] = [];
  /** Taken, not given to the reader yet. */
  #heldBytes = 0;
  #end: "open" | "written" | "under way" | "arrived" | "delivered" = "open";
  #discarding = false;
  #reset: (() => void) | null = null;
  #stopped = false;
  #scheduled = false;
  readonly #options: PipeOptions;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  write(bytes: Uint8Array): void {
    if (this.#stopped || this.#end !== "open" || bytes.length === 0) return;
    this.#queue.push(bytes.slice());
    this.queuedBytes += bytes.length;
    this.wake();
  }

  end(): void {
    if (this.#end === "open") this.#end = "written";
    this.wake();
  }

  /** The writer is gone: what was taken still arrives. */
  closeWriter(): void {
    this.#dropQueue();
    if (this.#end === "written") this.#end = "open";
    this.writer = null;
  }

  /** The reader is gone: whatever comes is swallowed. */
  closeReader(): void {
    this.reader = null;
    this.#reset = null;
    this.#discarding = true;
    this.wake();
  }

  /** A reset has arrived: `tell` it after what came before it, or now if nobody reads. */
  reset(tell: () => void): void {
    this.#reset = tell;
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#dropQueue();
    this.#arrived = [];
    this.reader = null;
    this.writer = null;
  }

  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#move();
    });
  }

  #move(): void {
    if (this.#stopped) return;
    try {
      if (this.#take() > 0) this.writer?.onDrain();
      if (this.#end === "written" && this.queuedBytes === 0) this.#takeEnd();
      if (this.#discarding) this.#discard();
      else if (this.#canDeliver()) this.#deliver();
      else this.#reset?.();
    } finally {
      // Also after a handler that threw: what it did not see still has to come.
      if (this.#canMove()) this.wake();
    }
  }

  #canMove(): boolean {
    if (this.queuedBytes > 0 && this.#heldBytes < this.#options.bufferSize) return true;
    return this.#canDeliver() || this.#reset !== null;
  }

  #canDeliver(): boolean {
    return this.reading && this.reader !== null && (this.#arrived.length > 0 || this.#end === "arrived");
  }

  #take(): number {
    let taken = 0;
    while (this.#queue.length > 0 && this.#heldBytes < this.#options.bufferSize) {
      const first = this.#queue[0]!;
      const length = Math.min(first.length, this.#options.bufferSize - this.#heldBytes);
      if (length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(length);
      this.#heldBytes += length;
      taken += length;
      this.#options.travel(() => {
        this.#arrived.push(first.subarray(0, length));
        this.wake();
      });
    }
    this.queuedBytes -= taken;
    this.takenBytes += taken;
    return taken;
  }

  #takeEnd(): void {
    this.#end = "under way";
    this.#options.travel(() => {
      this.#end = "arrived";
      this.wake();
    });
  }

  #deliver(): void {
    const first = this.#arrived[0];
    if (first !== undefined) {
      const chunk = first.subarray(0, this.#options.chunkSize);
      if (chunk.length === first.length) this.#arrived.shift();
      else this.#arrived[0] = first.subarray(chunk.length);
      this.#heldBytes -= chunk.length;
      this.reader?.onData(chunk);
    } else {
      this.#end = "delivered";
      this.reader?.onEnd();
    }
  }

  #discard(): void {
    for (const { length } of this.#arrived) this.#heldBytes -= length;
    this.#arrived = [];
  }

  #dropQueue(): void {
    this.#queue = [];
    this.queuedBytes = 0;
  }
}
