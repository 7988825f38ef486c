import { Duplex } from "node:stream";
// From the other entry as a whole, as it is published: a file that both share would make the tarball larger.
import { FrameDecoder, type FrameDecoderOptions, FrameEncoder } from "./index.js";

type Callback = (error?: Error | null) => void;

/**
 * Messages over a byte stream of Node's, such as a `net.Socket`: a duplex stream in object mode. A `Uint8Array` written
 * to it goes out as a frame, a frame that comes in is read as a `Uint8Array`.
 *
 * It owns the byte stream: nobody else may read it, write to it or end it. Backpressure, the end, `destroy()` and errors go
 * through both ways. All whole messages can be read before the error of `FrameDecoder` destroys both streams. A message that
 * cannot be encoded destroys them too.
 *
 * The callback of `write()` says that the byte stream took the frame; `finish`, that it took all and sent them.
 */
export class FrameDuplex extends Duplex {
  readonly #stream: Duplex;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  /** Whether the byte stream has delivered its last chunk. */
  #inputEnded: boolean;
  /** The write that waits until the byte stream has drained. */
  #pendingWrite: Callback | null = null;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(stream: Duplex, options?: FrameDecoderOptions) {
    // One message is buffered ahead, no more: destroying a stream throws away what its buffer holds, and whole
    // messages must come out before an error does. The frames behind it wait in the decoder.
    super({ objectMode: true, readableHighWaterMark: 1, allowHalfOpen: stream.allowHalfOpen });
    this.#encoder = new FrameEncoder(options);
    this.#decoder = new FrameDecoder(options);
    this.#stream = stream;
    this.#inputEnded = stream.readableEnded;
    stream.pause();
    stream.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    stream.on("end", () => this.#receiveEnd());
    stream.on("drain", () => this.#settleWrite(null));
    stream.on("error", (error) => this.destroy(error));
    stream.on("close", () => this.#close());
    if (stream.destroyed) process.nextTick(() => this.#close());
  }

  /** @internal */
  override _read(): void {
    this.#deliver();
  }

  /** @internal */
  override _write(message: Uint8Array, _encoding: BufferEncoding, done: Callback): void {
    this.#send(() => this.#encoder.encode(message), done);
  }

  /** @internal */
  override _writev(messages: { chunk: Uint8Array }[], done: Callback): void {
    this.#send(() => this.#encoder.encodeBatch(messages.map(({ chunk }) => chunk)), done);
  }

  /** @internal */
  override _final(done: Callback): void {
    // A stream that is done already would not call back.
    if (this.#stream.writableFinished || this.#stream.destroyed) done();
    else this.#stream.end(done);
  }

  /** @internal */
  override _destroy(error: Error | null, done: Callback): void {
    this.#stream.destroy(error ?? undefined);
    this.#settleWrite(error ?? destroyedError());
    done(error);
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#deliver();
  }

  #receiveEnd(): void {
    this.#inputEnded = true;
    this.#deliver();
  }

  /** Hands over frames until the reader has enough; when there are none left, asks the byte stream for more. */
  #deliver(): void {
    try {
      while (!this.destroyed) {
        const payload = this.#decoder.next();
        if (payload === null) return this.#askForMore();
        if (!this.push(payload)) break;
      }
      this.#stream.pause();
    } catch (error) {
      this.#fail(error);
    }
  }

  #askForMore(): void {
    if (!this.#inputEnded) {
      this.#stream.resume();
      return;
    }
    this.#decoder.end();
    this.push(null);
  }

  #send(encode: () => Uint8Array, done: Callback): void {
    let frames: Uint8Array;
    try {
      frames = encode();
    } catch (error) {
      done(error as Error);
      return;
    }
    this.#pendingWrite = done;
    if (this.#stream.write(frames, this.#afterWrite)) this.#settleWrite(null);
  }

  /** A destroyed stream reports a write in its callback only. */
  readonly #afterWrite: Callback = (error) => {
    if (error) this.destroy(error);
  };

  #settleWrite(error: Error | null): void {
    const done = this.#pendingWrite;
    this.#pendingWrite = null;
    done?.(error);
  }

  #fail(error: unknown): void {
    this.#stream.pause();
    // Not at once: `read()` may be about to hand out the message before this one, and a destroyed stream owes nobody.
    process.nextTick(() => this.destroy(error as Error));
  }

  /** The byte stream is gone: with its end, all messages may still be read; without, so are the messages. */
  #close(): void {
    if (!this.#inputEnded || this.#stream.errored) this.destroy(this.#stream.errored ?? undefined);
    else if (this.readableEnded) this.end();
    else this.once("end", () => this.end());
  }
}

/** What Node's own streams answer to a write that `destroy()` has cut short. */
function destroyedError(): Error {
  return Object.assign(new Error("write: expected an open stream, got a destroyed one"), {
    code: "ERR_STREAM_DESTROYED",
  });
}
