import { FrameDecoder, FrameError } from "@p2pnet/framing";
import type { ByteStream, ByteStreamHandlers } from "@p2pnet/stream";
import { SecureError } from "../errors.js";
import { MAX_MESSAGE_LENGTH } from "../noise/handshake-state.js";

/** Bytes of the header that says how long a Noise message is. */
export const HEADER_LENGTH = 2;

/** Which lengths a handshake message may have. */
export interface LengthBounds {
  readonly min: number;
  readonly max: number;
}

interface Waiting extends LengthBounds {
  resolve(message: Uint8Array): void;
  reject(error: Error): void;
}

/** What is left for the session that follows a handshake. */
export interface HandshakeRest {
  /** With what came after the last handshake message, unread. */
  readonly decoder: FrameDecoder;
  /** Whether the peer has finished already. */
  readonly ended: boolean;
  readonly failure: Error | null;
}

/**
 * Handshake messages over a byte stream, one at a time: each with its length before it, 2 bytes, big-endian. A stream takes
 * handlers once only, so this one stands in for the session's afterwards.
 */
export class HandshakeChannel implements ByteStreamHandlers {
  readonly #stream: ByteStream;
  readonly #decoder: FrameDecoder = new FrameDecoder({ lengthField: 2, maxLength: MAX_MESSAGE_LENGTH });
  #waiting: Waiting | null = null;
  #ended = false;
  #failure: Error | null = null;
  /** What `fail` was given. */
  #ending: Error | null = null;
  #session: ByteStreamHandlers | null = null;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    stream.start(this);
  }

  /** Sends a message. */
  send(message: Uint8Array): void {
    const frame = new Uint8Array(HEADER_LENGTH + message.length);
    new DataView(frame.buffer).setUint16(0, message.length);
    frame.set(message, HEADER_LENGTH);
    this.#stream.write(frame);
  }

  /**
   * The next message, the caller's to keep. Reads nothing beyond the chunk that it ends in.
   *
   * Rejects with SecureError `ERR_NOT_NOISE` as soon as its length is out of bounds, `ERR_HANDSHAKE_CLOSED` if the stream
   * ends or fails first, and with what `fail` was given.
   */
  read(bounds: LengthBounds): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#ending !== null) return reject(this.#ending);
      this.#waiting = { ...bounds, resolve, reject };
      this.#look();
    });
  }

  /** Ends a wait for a message, and those to come. */
  fail(error: Error): void {
    this.#ending = error;
    this.#waiting?.reject(error);
    this.#waiting = null;
  }

  /** From here on the stream is the session's, paused. */
  handOver(session: ByteStreamHandlers): void {
    this.#session = session;
  }

  get rest(): HandshakeRest {
    return { decoder: this.#decoder, ended: this.#ended, failure: this.#failure };
  }

  onData(chunk: Uint8Array): void {
    if (this.#session !== null) return this.#session.onData(chunk);
    this.#decoder.push(chunk);
    this.#look();
    this.#decoder.retain();
  }

  onEnd(): void {
    if (this.#session !== null) return this.#session.onEnd();
    this.#ended = true;
    this.#look();
  }

  onDrain(): void {
    this.#session?.onDrain();
  }

  onError(error: Error): void {
    if (this.#session !== null) return this.#session.onError(error);
    this.#failure = error;
    this.#look();
  }

  #look(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    try {
      const message = this.#take(waiting);
      if (message === null) return this.#stream.resume();
      this.#stream.pause();
      this.#waiting = null;
      waiting.resolve(message);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #take({ min, max }: LengthBounds): Uint8Array | null {
    const message = this.#next();
    const length = message?.length ?? this.#decoder.expectedLength;
    if (length > max || (length > 0 && length < min)) {
      throw notNoise(`a message of ${min === max ? min : `${min} to ${max}`} bytes`, `a length of ${length}`);
    }
    if (message !== null) return new Uint8Array(message);
    if (this.#failure !== null) throw closed("an error", this.#failure);
    if (this.#ended) throw closed("its end");
    return null;
  }

  #next(): Uint8Array | null {
    try {
      return this.#decoder.next();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw notNoise("a message", error.message);
    }
  }
}

function notNoise(expected: string, got: string): SecureError {
  return new SecureError("ERR_NOT_NOISE", `handshake: expected ${expected}, as a secure peer sends it, got ${got}`);
}

function closed(got: string, cause?: Error): SecureError {
  const options = cause === undefined ? {} : { cause };
  return new SecureError("ERR_HANDSHAKE_CLOSED", `handshake: expected a message of the peer, got ${got}`, options);
}
