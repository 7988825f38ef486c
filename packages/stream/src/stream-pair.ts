import type { ByteStream, ByteStreamHandlers } from "./byte-stream.js";
import { StreamError } from "./errors.js";
import { Pipe, type PipeOptions } from "./pipe.js";

export interface StreamPairOptions {
  /** The most bytes that one `onData` carries; 1 delivers byte by byte. Default: as they were written. */
  readonly chunkSize?: number;
  /** Bytes under way in each direction before the writer has to wait, as a system's socket buffer. Default 65,536. */
  readonly bufferSize?: number;
  /** Milliseconds that bytes, ends and resets are under way. Default 0: a microtask. */
  readonly latencyMs?: number;
}

/**
 * Two streams joined in memory: what one writes, the other reads. For tests of whatever is built on a `ByteStream`.
 * After `abort()` the other side gets `onError` with the code `ECONNRESET`: after what was taken before if it reads, at once
 * if it does not. After `close()`, what the other side writes is swallowed.
 *
 * @throws StreamError `ERR_OUT_OF_RANGE` for a size that is no positive integer (or infinite), or a negative `latencyMs`
 */
export function streamPair(options: StreamPairOptions = {}): [ByteStream, ByteStream] {
  const { chunkSize = Number.POSITIVE_INFINITY, bufferSize = 65_536, latencyMs = 0 } = options;
  expectSize("chunkSize", chunkSize);
  expectSize("bufferSize", bufferSize);
  if (!(latencyMs >= 0 && latencyMs <= MAX_DELAY_MS)) {
    throw new StreamError(
      "ERR_OUT_OF_RANGE",
      `latencyMs: expected a number from 0 to ${MAX_DELAY_MS}, got ${latencyMs}`,
    );
  }
  const travel: PipeOptions["travel"] =
    latencyMs === 0 ? queueMicrotask : (arrived) => void globalThis.setTimeout(arrived, latencyMs);
  const pipeOptions: PipeOptions = { chunkSize, bufferSize, travel };
  const there = new Pipe(pipeOptions);
  const back = new Pipe(pipeOptions);
  const left = new MemoryStream(back, there, travel);
  const right = new MemoryStream(there, back, travel);
  left.peer = right;
  right.peer = left;
  return [left, right];
}

/** Longer ones make a Node timer fire at once. */
const MAX_DELAY_MS = 0x7fffffff;

function expectSize(label: string, size: number): void {
  if (size >= 1 && (Number.isInteger(size) || size === Number.POSITIVE_INFINITY)) return;
  throw new StreamError("ERR_OUT_OF_RANGE", `${label}: expected an integer of at least 1, got ${size}`);
}

class MemoryStream implements ByteStream {
  peer: MemoryStream | null = null;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  readonly #travel: PipeOptions["travel"];
  #handlers: ByteStreamHandlers | null = null;
  #failure: Error | null = null;
  #closed = false;

  constructor(incoming: Pipe, outgoing: Pipe, travel: PipeOptions["travel"]) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#travel = travel;
  }

  get bufferedBytes(): number {
    return this.#outgoing.queuedBytes;
  }

  get bytesWritten(): number {
    return this.#outgoing.takenBytes;
  }

  start(handlers: ByteStreamHandlers): void {
    if (this.#handlers !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    this.#handlers = handlers;
    if (this.#failure !== null) queueMicrotask(() => this.#tellFailure());
    if (this.#closed) return;
    this.#incoming.reader = handlers;
    this.#outgoing.writer = handlers;
    this.#incoming.wake();
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
    this.#failure = null;
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing.closeWriter();
    this.#outgoing.end();
    this.#incoming.closeReader();
  }

  abort(): void {
    this.#failure = null;
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing.closeWriter();
    this.#incoming.closeReader();
    const peer = this.peer;
    this.#travel(() => peer?.reset());
  }

  reset(): void {
    if (this.#closed) return;
    this.#outgoing.stop();
    this.#incoming.reset(() => this.#fail());
  }

  #fail(): void {
    this.#closed = true;
    this.#incoming.stop();
    this.#failure = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
    this.#tellFailure();
  }

  #tellFailure(): void {
    if (this.#handlers === null || this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    this.#handlers.onError(failure);
  }
}
