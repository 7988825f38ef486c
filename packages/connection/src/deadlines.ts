import type { Timer, Timers } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";
import type { ConnectionLimits } from "./connection-options.js";
import { ConnectionError } from "./errors.js";
import { FrameDeadline, type FrameProgress } from "./frame-deadline.js";
import { NEVER } from "./never.js";
import { WriteDeadline } from "./write-deadline.js";

/** The reader of the connection, as far as its deadlines go. */
export interface TimedReader extends FrameProgress {
  /** Bytes that were read and not delivered. */
  readonly bufferedBytes: number;
}

/**
 * The deadlines of an open connection: idle, frame and write. One timer serves all of them. It is set for the first that
 * may pass, and only finds out when it comes whether the deadline has moved on meanwhile: so that putting one off is an
 * assignment, and a connection that has nothing to time has no timer.
 */
export class Deadlines {
  /** When a byte last moved, in or out; in milliseconds on the clock of the timers. */
  movedAt: number;
  readonly #timers: Timers;
  readonly #stream: ByteStream;
  readonly #reader: TimedReader;
  readonly #limits: ConnectionLimits;
  readonly #onPassed: (error: ConnectionError) => void;
  readonly #frame: FrameDeadline;
  readonly #write: WriteDeadline;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(
    timers: Timers,
    stream: ByteStream,
    reader: TimedReader,
    limits: ConnectionLimits,
    onPassed: (error: ConnectionError) => void,
  ) {
    this.#timers = timers;
    this.#stream = stream;
    this.#reader = reader;
    this.#limits = limits;
    this.#onPassed = onPassed;
    this.#frame = new FrameDeadline(limits.frameTimeoutMs, limits.minFrameRate);
    this.#write = new WriteDeadline(stream, limits.writeTimeoutMs);
    this.movedAt = timers.now;
    this.#expect(this.#idleAt);
  }

  /** Bytes came in. */
  received(): void {
    this.movedAt = this.#timers.now;
  }

  /** The reader has delivered, paused, or gone on. */
  read(): void {
    this.#frame.follow(this.#reader, this.#timers);
    this.#expect(this.#frame.at);
  }

  /** Bytes were queued. */
  queued(): void {
    if (this.#write.at !== NEVER) return;
    this.#write.start(this.#timers);
    this.#expect(this.#write.at);
  }

  /** The system took bytes. */
  took(): void {
    this.movedAt = this.#timers.now;
    this.#write.took(this.movedAt);
  }

  /** Ends all of them. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  get #idleAt(): number {
    const { idleTimeoutMs } = this.#limits;
    return idleTimeoutMs === 0 ? NEVER : this.movedAt + idleTimeoutMs;
  }

  /** Sees to it that `at` is noticed. */
  #expect(at: number): void {
    if (at === NEVER || this.#stopped) return;
    const timer = this.#timer;
    if (timer?.pending && timer.deadline <= at) return;
    const delayMs = Math.max(0, at - this.#timers.now);
    if (timer === null) this.#timer = this.#timers.set(delayMs, () => this.#look());
    else timer.refresh(delayMs);
  }

  #look(): void {
    const error = this.#passed(this.#timers.now);
    if (error === null) this.#expect(Math.min(this.#idleAt, this.#frame.at, this.#write.at));
    else this.#onPassed(error);
  }

  #passed(now: number): ConnectionError | null {
    if (this.#frame.at <= now) return this.#frameTooLong();
    if (this.#write.hasPassed(now)) return this.#writeTooLong();
    return this.#idleAt <= now ? this.#idleTooLong() : null;
  }

  #frameTooLong(): ConnectionError {
    const { frameLength, bufferedBytes } = this.#reader;
    const what = frameLength === 0 ? "a whole header" : `a message of ${frameLength} bytes`;
    const message = `frame: expected ${what} within ${this.#frame.allowedMs} ms, got ${bufferedBytes} bytes of the frame`;
    return new ConnectionError("ERR_FRAME_TIMEOUT", message);
  }

  #writeTooLong(): ConnectionError {
    const expected = `the peer to take a byte within ${this.#limits.writeTimeoutMs} ms`;
    const got = `${this.#stream.bufferedBytes} bytes that wait`;
    return new ConnectionError("ERR_WRITE_TIMEOUT", `write: expected ${expected}, got ${got}`);
  }

  #idleTooLong(): ConnectionError {
    const expected = `a byte in or out within ${this.#limits.idleTimeoutMs} ms`;
    return new ConnectionError("ERR_IDLE_TIMEOUT", `connection: expected ${expected}, got none`);
  }
}
