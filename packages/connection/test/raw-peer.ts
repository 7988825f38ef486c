import type { ByteStream, ByteStreamHandlers } from "@p2pnet/stream";
import { until } from "./until.js";

/** The other side of a connection, free to say what it likes. Starts without reading. */
export class RawPeer implements ByteStreamHandlers {
  readonly stream: ByteStream;
  readonly chunks: Uint8Array[] = [];
  ends = 0;
  error: NodeJS.ErrnoException | undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
    stream.start(this);
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk.slice());
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

  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Everything written has been handed over. */
  flushed(): Promise<void> {
    return until("the peer's bytes to be taken", () => this.stream.bufferedBytes === 0);
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
