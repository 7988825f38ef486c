import type { ByteStream, ByteStreamHandlers } from "@p2pnet/stream";
import { until } from "./until.js";

/** The other side of a connection, free to say what it likes. Starts without reading. */
export class RawPeer implements ByteStreamHandlers {
  readonly stream: ByteStream;
  readonly chunks: Uint8Array[] = [];
  /** Reads up to so many bytes in all. */
  #stopAt = Number.POSITIVE_INFINITY;
  length = 0;
  ends = 0;
  error: NodeJS.ErrnoException | undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.start(this);
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk.slice());
    this.length += chunk.length;
    if (this.length >= this.#stopAt) this.stream.pause();
  }

  onEnd(): void {
    this.ends++;
  }

  onDrain(): void {}

  onError(error: Error): void {
    this.error = error;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  /** Everything written has been handed over. */
  flushed(): Promise<void> {
    return until("the peer's bytes to be taken", () => this.stream.bufferedBytes === 0);
  }

  /** Reads until it has `length` bytes in all, and hardly any more. */
  async reads(length: number): Promise<void> {
    this.#stopAt = length;
    this.stream.resume();
    await this.received(length);
    this.#stopAt = Number.POSITIVE_INFINITY;
  }

  received(length: number): Promise<void> {
    return until(`${length} bytes at the peer`, () => this.length >= length);
  }

  ended(): Promise<void> {
    return until("an end at the peer", () => this.ends > 0);
  }

  failed(): Promise<void> {
    return until("an error at the peer", () => this.error !== undefined);
  }
}
