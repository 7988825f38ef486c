import type { ByteStream, ByteStreamHandlers } from "./byte-stream.js";
import { Pipe, type PipeOptions } from "./pipe.js";

export interface StreamPairOptions {
  /** The most bytes that one `onData` carries; 1 delivers byte by byte. Default: as they were written. */
  readonly chunkSize?: number;
  /** Bytes under way in each direction before the writer has to wait, as a system's socket buffer. Default 65,536. */
  readonly bufferSize?: number;
  /** Milliseconds before a write arrives. Default 0: in a microtask. */
  readonly latencyMs?: number;
}

/**
 * Two streams joined in memory: what one writes, the other reads. For tests of whatever is built on a `ByteStream`.
 *
 * @throws RangeError for an option that is not a positive number (`latencyMs`: not negative)
 */
export function streamPair(options: StreamPairOptions = {}): [ByteStream, ByteStream] {
  const { chunkSize = Number.POSITIVE_INFINITY, bufferSize = 65_536, latencyMs = 0 } = options;
  if (!(chunkSize >= 1)) throw new RangeError(`chunkSize: expected a number of at least 1, got ${chunkSize}`);
  if (!(bufferSize >= 1)) throw new RangeError(`bufferSize: expected a number of at least 1, got ${bufferSize}`);
  if (!(latencyMs >= 0)) throw new RangeError(`latencyMs: expected a number of at least 0, got ${latencyMs}`);
  const schedule = latencyMs === 0 ? queueMicrotask : (task: () => void) => void globalThis.setTimeout(task, latencyMs);
  const pipeOptions: PipeOptions = { chunkSize, bufferSize, schedule };
  const there = new Pipe(pipeOptions);
  const back = new Pipe(pipeOptions);
  const left = new MemoryStream(back, there);
  const right = new MemoryStream(there, back);
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class MemoryStream implements ByteStream {
  peer: MemoryStream | null = null;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #handlers: ByteStreamHandlers | null = null;
  #closed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get bufferedBytes(): number {
    return this.#outgoing.queuedBytes;
  }

  get bytesWritten(): number {
    return this.#outgoing.takenBytes;
  }

  start(handlers: ByteStreamHandlers): void {
    if (this.#handlers !== null) throw new Error("start: expected to be called once, got a second call");
    this.#handlers = handlers;
    this.#incoming.reader = handlers;
    this.#outgoing.writer = handlers;
  }

  write(bytes: Uint8Array): void {
    if (!this.#closed) this.#outgoing.write(bytes);
  }

  pause(): void {
    this.#incoming.reading = false;
  }

  resume(): void {
    if (this.#closed) return;
    this.#incoming.reading = true;
    this.#incoming.wake();
  }

  end(): void {
    if (!this.#closed) this.#outgoing.end();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing.closeWriter();
    this.#incoming.closeReader();
  }

  abort(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#incoming.stop();
    this.#outgoing.stop();
    const peer = this.peer;
    queueMicrotask(() => peer?.fail());
  }

  fail(): void {
    if (this.#closed) return;
    this.#closed = true;
    const error = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
    this.#handlers?.onError(error);
  }
}
