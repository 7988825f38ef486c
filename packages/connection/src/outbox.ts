import { FrameEncoder, type FrameOptions } from "@p2pnet/framing";
import type { ByteStream } from "@p2pnet/stream";
import type { ConnectionLimits } from "./connection-options.js";
import { ConnectionError, expectBytes } from "./errors.js";

/** Someone who waits until the stream has handed over so many bytes since its start. */
interface Waiter {
  readonly bytesWritten: number;
  resolve(): void;
}

/** The sending half of a connection: messages become frames in the stream's queue, within bounds. */
export class Outbox {
  readonly #stream: ByteStream;
  readonly #limits: ConnectionLimits;
  readonly #encoder: FrameEncoder;
  /** One for all messages: a stream copies a write this short before it returns. */
  readonly #header: Uint8Array;
  #aboveHighWater = false;
  #waiters: Waiter[] = [];

  constructor(stream: ByteStream, frame: FrameOptions | undefined, limits: ConnectionLimits) {
    this.#stream = stream;
    this.#limits = limits;
    this.#encoder = new FrameEncoder(frame);
    this.#header = new Uint8Array(this.#encoder.headerLength(limits.maxMessageLength));
  }

  /**
   * Queues a message: whether its sender may go on, or, with nothing queued, why the connection has to end.
   *
   * @throws ConnectionError `ERR_INVALID_ARG_TYPE`; FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`
   */
  send(message: Uint8Array): boolean | ConnectionError {
    expectBytes("message", message);
    const header = this.#header;
    const headerLength = this.#encoder.writeHeader(header, 0, message.length);
    const stream = this.#stream;
    const { highWaterMark, maxQueuedBytes } = this.#limits;
    if (stream.bufferedBytes + headerLength + message.length > maxQueuedBytes) return this.#slowPeer(message);
    stream.write(headerLength === header.length ? header : header.subarray(0, headerLength));
    stream.write(message);
    if (stream.bufferedBytes < highWaterMark) return true;
    this.#aboveHighWater = true;
    return false;
  }

  /** Resolves when the system has taken everything sent so far, or at `finish`. */
  drained(): Promise<void> {
    const { bufferedBytes, bytesWritten } = this.#stream;
    if (bufferedBytes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ bytesWritten: bytesWritten + bufferedBytes, resolve });
    });
  }

  /** The system took bytes. Whether the queue has thereby fallen to the low-water mark after `send` said false. */
  tookBytes(): boolean {
    const { bufferedBytes, bytesWritten } = this.#stream;
    while (this.#waiters.length > 0 && this.#waiters[0]!.bytesWritten <= bytesWritten) this.#waiters.shift()!.resolve();
    if (!this.#aboveHighWater || bufferedBytes > this.#limits.lowWaterMark) return false;
    this.#aboveHighWater = false;
    return true;
  }

  /** The connection is over: nobody waits any longer. */
  finish(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  #slowPeer(message: Uint8Array): ConnectionError {
    const expected = `at most ${this.#limits.maxQueuedBytes} bytes waiting for the peer`;
    const got = `${this.#stream.bufferedBytes} and a message of ${message.length}`;
    return new ConnectionError("ERR_SLOW_PEER", `queue: expected ${expected}, got ${got}`);
  }
}
