import { ConnectionError, expectBytes, expectSlice } from "./errors.js";
import { Life } from "./life.js";

/** Someone who waits until the stream has handed over so many bytes since its start. */
interface Waiter {
  readonly bytesWritten: number;
  resolve(): void;
}

/** A connection as far as it sends: messages become frames in the stream's queue, within bounds. */
export abstract class Sender extends Life {
  /** Messages queued so far. */
  protected messagesSent = 0;
  /** Times that the queue has reached the high-water mark. */
  protected timesSlow = 0;
  #aboveHighWater = false;
  #waiters: Waiter[] | null = null;

  /**
   * Queues a message: whether its sender may go on. A queue that would outgrow its cap ends the connection.
   *
   * @throws ConnectionError `ERR_CONNECTION_CLOSED`, `ERR_INVALID_ARG_TYPE`; FrameError `ERR_FRAME_TOO_LARGE`,
   * `ERR_FRAME_EMPTY`
   */
  send(message: Uint8Array): boolean {
    if (this.stage !== "open") return this.#sendTooLate();
    expectBytes("message", message);
    return this.#queue(message, 0, message.length);
  }

  /** As `send`, of the message that is in `bytes` from `start` to before `end`. */
  sendSlice(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.stage !== "open") return this.#sendTooLate();
    expectSlice(bytes, start, end);
    return this.#queue(bytes, start, end);
  }

  /**
   * The frame of a message, in memory of its own. `like` is given back if it is that frame already: one of the same message.
   *
   * @throws FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`
   */
  frameOf(message: Uint8Array, like: Uint8Array | null): Uint8Array {
    const { profile } = this;
    const header = profile.headerOf(message.length);
    const isSame = like !== null && startsWith(like, header) && like.length === header.length + message.length;
    return isSame ? like : profile.encoder.encode(message);
  }

  /** Queues a frame that `frameOf` has made, as `send` does a message: whether it did. It must not change any more. */
  sendFrame(frame: Uint8Array): boolean {
    if (this.stage !== "open") return false;
    const { stream, profile } = this;
    const before = stream.bufferedBytes;
    const after = before + frame.length;
    if (after > profile.limits.maxQueuedBytes) return this.#slowPeer(frame.length);
    stream.write(frame);
    this.#queued(before, after);
    return true;
  }

  /** Resolves when the system has taken everything sent so far, or at the end. */
  drained(): Promise<void> {
    if (this.stage === "closed") return this.closed;
    const { bufferedBytes, bytesWritten } = this.stream;
    if (bufferedBytes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters ??= [];
      this.#waiters.push({ bytesWritten: bytesWritten + bufferedBytes, resolve });
    });
  }

  /** Bytes were queued where none waited. */
  protected abstract bytesQueued(): void;
  /** The queue has reached the high-water mark; told once until it has fallen to the low one. */
  protected abstract queueIsHigh(): void;

  /** The system took bytes. Whether the queue has thereby fallen to the low-water mark after `send` said false. */
  protected tookBytes(): boolean {
    const { bufferedBytes, bytesWritten } = this.stream;
    const waiters = this.#waiters;
    while (waiters?.[0] !== undefined && waiters[0].bytesWritten <= bytesWritten) waiters.shift()!.resolve();
    if (!this.#aboveHighWater || bufferedBytes > this.profile.limits.lowWaterMark) return false;
    this.#aboveHighWater = false;
    return true;
  }

  /** The connection is over: nobody waits any longer. */
  protected settleDrained(): void {
    for (const { resolve } of this.#waiters?.splice(0) ?? []) resolve();
  }

  #queue(bytes: Uint8Array, start: number, end: number): boolean {
    const { stream, profile } = this;
    const length = end - start;
    const header = profile.headerOf(length);
    const before = stream.bufferedBytes;
    const after = before + header.length + length;
    if (after > profile.limits.maxQueuedBytes) return this.#slowPeer(length);
    if (stream.writeJoined !== undefined) stream.writeJoined(header, bytes, start, end);
    else {
      stream.write(header);
      stream.write(length === bytes.length ? bytes : bytes.subarray(start, end));
    }
    return this.#queued(before, after);
  }

  /** A message was queued, which made `after` bytes of `before`: whether its sender may go on. */
  #queued(before: number, after: number): boolean {
    this.messagesSent++;
    if (before === 0) this.bytesQueued();
    const { highWaterMark } = this.profile.limits;
    // The stream may have sent some at once, but never more than all.
    if (after < highWaterMark || this.stream.bufferedBytes < highWaterMark) return true;
    if (!this.#aboveHighWater) {
      this.#aboveHighWater = true;
      this.timesSlow++;
      this.queueIsHigh();
    }
    return false;
  }

  /** @returns false, for whoever wanted to queue something */
  #slowPeer(length: number): false {
    const { stream, profile } = this;
    const expected = `at most ${profile.limits.maxQueuedBytes} bytes waiting for the peer`;
    const got = `${stream.bufferedBytes} and a message of ${length}`;
    this.abort(new ConnectionError("ERR_SLOW_PEER", `queue: expected ${expected}, got ${got}`));
    return false;
  }

  /**
   * An answer to a message that came before a failure, which is not told before all of those are: nobody can know yet that it
   * leads nowhere. It is dropped. @returns true, as there is nothing to wait for
   */
  #sendTooLate(): true {
    if (this.stage === "failing") return true;
    throw this.#closedError();
  }

  #closedError(): ConnectionError {
    const got = this.stage === "ended" ? "one that was ended" : "a closed one";
    const { error } = this;
    const cause = error === undefined ? {} : { cause: error };
    return new ConnectionError("ERR_CONNECTION_CLOSED", `send: expected an open connection, got ${got}`, cause);
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false;
  return bytes.length >= start.length;
}
