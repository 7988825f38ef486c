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
  /** Messages queued so far. */
  messages = 0;
  /** Times that the queue has reached the high-water mark. */
  timesSlow = 0;
  readonly #stream: ByteStream;
  readonly #limits: ConnectionLimits;
  readonly #encoder: FrameEncoder;
  /** One for all messages: a stream copies a write this short before it returns. */
  readonly #header: Uint8Array;
  readonly #onSlow: () => void;
  #aboveHighWater = false;
  #waiters: Waiter[] = [];

  /** @param onSlow called when the queue has reached the high-water mark, once until it has fallen to the low one */
  constructor(stream: ByteStream, frame: FrameOptions | undefined, limits: ConnectionLimits, onSlow: () => void) {
    this.#stream = stream;
    this.#limits = limits;
    this.#onSlow = onSlow;
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
    if (stream.bufferedBytes + headerLength + message.length > this.#limits.maxQueuedBytes) {
      return this.#slowPeer(message.length);
    }
    stream.write(headerLength === header.length ? header : header.subarray(0, headerLength));
    stream.write(message);
    return this.#queued();
  }

  /**
   * The frame of a message, in memory of its own. `like` is given back if it is that frame already: one of the same message.
   *
   * @throws FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`
   */
  frameOf(message: Uint8Array, like: Uint8Array | null): Uint8Array {
    const header = this.#header;
    const headerLength = this.#encoder.writeHeader(header, 0, message.length);
    if (like !== null && startsWith(like, header, headerLength) && like.length === headerLength + message.length) {
      return like;
    }
    return this.#encoder.encode(message);
  }

  /** Queues a frame that `frameOf` has made, as `send` does a message. It must not change any more. */
  sendFrame(frame: Uint8Array): boolean | ConnectionError {
    if (this.#stream.bufferedBytes + frame.length > this.#limits.maxQueuedBytes) return this.#slowPeer(frame.length);
    this.#stream.write(frame);
    return this.#queued();
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

  /** A message was queued: whether its sender may go on. */
  #queued(): boolean {
    this.messages++;
    if (this.#stream.bufferedBytes < this.#limits.highWaterMark) return true;
    if (!this.#aboveHighWater) {
      this.#aboveHighWater = true;
      this.timesSlow++;
      this.#onSlow();
    }
    return false;
  }

  #slowPeer(length: number): ConnectionError {
    const expected = `at most ${this.#limits.maxQueuedBytes} bytes waiting for the peer`;
    const got = `${this.#stream.bufferedBytes} and a message of ${length}`;
    return new ConnectionError("ERR_SLOW_PEER", `queue: expected ${expected}, got ${got}`);
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[i] !== start[i]) return false;
  return bytes.length >= length;
}
