import type { Timer } from "@p2pnet/event-loop";
import { ConnectionError } from "./errors.js";
import { FrameDeadline, type FrameProgress } from "./frame-deadline.js";
import { NEVER } from "./never.js";
import { type TimedWriter, writeDeadline, writeHasPassed } from "./write-deadline.js";

/** The reader of the connection, as far as its deadlines go. */
export interface TimedReader extends FrameProgress {
  /** Bytes that were read and not delivered. */
  readonly bufferedBytes: number;
}

/** The connection, as far as its deadlines know it. */
export interface TimedConnection extends TimedWriter {
  readonly inbox: TimedReader;
  /** When a byte last moved, in or out; in milliseconds on the clock of the deadlines. */
  readonly movedAt: number;
  /** The timer has come, and nothing waits: what is queued next is timed anew, by `queued`. */
  nothingQueued(): void;
  /** There is nothing to time any more: these deadlines may be dropped. */
  nothingToTime(): void;
  /** A deadline has passed. */
  abort(error: ConnectionError): void;
}

/**
 * The deadlines of an open connection: idle, frame and write. One timer serves all of them. It is set for the first that
 * may pass, and only finds out when it comes whether the deadline has moved on meanwhile: so that putting one off is an
 * assignment. A connection that has nothing to time has neither a timer nor these.
 */
export class Deadlines {
  readonly #connection: TimedConnection;
  #frame: FrameDeadline | null = null;
  #timer: Timer | null = null;

  constructor(connection: TimedConnection) {
    this.#connection = connection;
    this.#expect(this.#idleAt);
  }

  /** Whether a frame is timed, so that its reader has to be followed. */
  get timesFrame(): boolean {
    return this.#frame !== null && this.#frame.at !== NEVER;
  }

  /** The reader has delivered, paused, or gone on. */
  read(): void {
    const { inbox, profile } = this.#connection;
    const { frameTimeoutMs, minFrameRate } = profile.limits;
    this.#frame ??= new FrameDeadline(frameTimeoutMs, minFrameRate);
    this.#frame.follow(inbox, profile.deadlineTimers);
    this.#expect(this.#frame.at);
  }

  /** Bytes wait. Those that are queued later are timed as well, until `nothingQueued` says otherwise. */
  queued(): void {
    this.#expect(writeDeadline(this.#connection));
  }

  /** Ends all of them. */
  stop(): void {
    this.#timer?.cancel();
  }

  get #idleAt(): number {
    const { movedAt, profile } = this.#connection;
    const { idleTimeoutMs } = profile.limits;
    return idleTimeoutMs === 0 ? NEVER : movedAt + idleTimeoutMs;
  }

  get #nextAt(): number {
    return Math.min(this.#idleAt, this.#frame?.at ?? NEVER, writeDeadline(this.#connection));
  }

  /** Sees to it that `at` is noticed. */
  #expect(at: number): void {
    if (at === NEVER) return;
    const timer = this.#timer;
    if (timer?.pending && timer.deadline <= at) return;
    const timers = this.#connection.profile.deadlineTimers;
    const delayMs = Math.max(0, at - timers.now);
    if (timer === null) this.#timer = timers.set(delayMs, () => this.#look());
    else timer.refresh(delayMs);
  }

  #look(): void {
    const connection = this.#connection;
    const error = this.#passed(connection.profile.deadlineTimers.now);
    if (error !== null) return connection.abort(error);
    if (connection.stream.bufferedBytes === 0) connection.nothingQueued();
    const next = this.#nextAt;
    this.#expect(next);
    // A frame that the consumer has put off keeps the time that it has left.
    if (next === NEVER && connection.inbox.bufferedBytes === 0) connection.nothingToTime();
  }

  #passed(now: number): ConnectionError | null {
    if (this.#frame !== null && this.#frame.at <= now) return this.#frameTooLong(this.#frame);
    if (writeHasPassed(this.#connection, now)) return this.#writeTooLong();
    return this.#idleAt <= now ? this.#idleTooLong() : null;
  }

  #frameTooLong({ allowedMs }: FrameDeadline): ConnectionError {
    const { frameLength, bufferedBytes } = this.#connection.inbox;
    const what = frameLength === 0 ? "a whole header" : `a message of ${frameLength} bytes`;
    const message = `frame: expected ${what} within ${allowedMs} ms, got ${bufferedBytes} bytes of the frame`;
    return new ConnectionError("ERR_FRAME_TIMEOUT", message);
  }

  #writeTooLong(): ConnectionError {
    const { stream, profile } = this.#connection;
    const expected = `the peer to take a byte within ${profile.limits.writeTimeoutMs} ms`;
    const got = `${stream.bufferedBytes} bytes that wait`;
    return new ConnectionError("ERR_WRITE_TIMEOUT", `write: expected ${expected}, got ${got}`);
  }

  #idleTooLong(): ConnectionError {
    const expected = `a byte in or out within ${this.#connection.profile.limits.idleTimeoutMs} ms`;
    return new ConnectionError("ERR_IDLE_TIMEOUT", `connection: expected ${expected}, got none`);
  }
}
