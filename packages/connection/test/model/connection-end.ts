import type { ByteStream } from "@p2pnet/stream";
import { expect } from "vitest";
import { type ConnectionOptions, MessageConnection } from "../../src/index.js";
import { pattern } from "../bytes.js";
import type { Carried } from "../carrier.js";
import type { Side } from "./side.js";
import type { Habits, SidedAction } from "./steps.js";
import { HEADER_BYTES, Traffic } from "./traffic.js";

const HIGH_WATER = 500;
/** How long an answer is. */
const ANSWER_BYTES = 7;
const OPTIONS: ConnectionOptions = { highWaterMark: HIGH_WATER, frame: { maxLength: 300 } };

/** An end that is a connection, and what its user knows about it without looking inside. */
export class ConnectionEnd implements Side {
  other!: Side;
  readonly cut = false;
  readonly #connection: MessageConnection;
  readonly #traffic: Traffic;
  readonly #habits: Habits;
  /** After its own end, what passes for the peer's may be a reset. */
  readonly #hidesResets: boolean;
  readonly #iterator: AsyncIterator<Uint8Array, undefined> | null;
  /** What `onClose` was given, once per call. */
  readonly #closes: (Error | undefined)[] = [];
  /** What a user would complain about. */
  readonly #wrong: string[] = [];
  readonly #aborted = new Error("enough");
  #reacts = true;
  #peerEnds = 0;
  #calls = 0;
  /** Promises that have not settled. */
  #waiting = 0;
  #paused = false;
  #attached = true;
  #hasEnded = false;
  /** It has closed by itself, before it had got everything. */
  #hasClosed = false;
  #hasAborted = false;
  #isSlow = false;
  /** The deadline of its `close` is to pass. */
  #hasLittleTime = false;
  /** It has pulled until nothing more came. */
  #tookAll = false;
  #iterationFailure: unknown;

  constructor(stream: ByteStream, habits: Habits, { timers, hidesResets = false }: Carried) {
    this.#habits = habits;
    this.#hidesResets = hidesResets;
    const connection = new MessageConnection(stream, { ...OPTIONS, ...habits.options }, { timers });
    this.#connection = connection;
    this.#traffic = new Traffic(connection);
    connection.onDrain = () => this.#hear("onDrain");
    connection.onEnd = () => {
      this.#hear("onEnd");
      this.#peerEnds++;
      if (this.#mayMistakeReset) return;
      if (!this.other.finished) this.#wrong.push("onEnd without the peer's end");
      if (this.#traffic.received < this.other.sent.length && habits.consumer === "handler") {
        this.#wrong.push("onEnd before the last message");
      }
    };
    connection.onClose = (error) => {
      this.#hear("onClose");
      this.#closes.push(error);
      if (this.#calls > 0) this.#wrong.push("onClose inside of a call");
    };
    this.#waitFor(connection.closed);
    this.#iterator = habits.consumer === "iteration" ? connection[Symbol.asyncIterator]() : null;
    if (this.#iterator === null) connection.onMessage = this.#onMessage;
  }

  get sent(): readonly Uint8Array[] {
    return this.#traffic.sent;
  }

  /** Without `allowHalfOpen` it finishes when the peer has. */
  get finished(): boolean {
    return this.#hasEnded || (this.#peerEnds > 0 && this.#habits.options.allowHalfOpen !== true);
  }

  get gaveUp(): boolean {
    if (!this.over) return this.#hasAborted || this.#isSlow;
    const error: NodeJS.ErrnoException | undefined = this.#closes[0];
    return error !== undefined && error.code !== "ECONNRESET";
  }

  get halfOpen(): boolean {
    return this.#peerEnds > 0 && this.#connection.open;
  }

  get over(): boolean {
    return this.#closes.length > 0;
  }

  get settled(): boolean {
    return this.over && this.#waiting === 0;
  }

  send(size: number): void {
    const connection = this.#connection;
    const message = pattern(size, this.sent.length);
    if (!connection.open) return this.#sendTooLate(message, false);
    const room = this.#habits.options.maxQueuedBytes! - connection.bufferedBytes;
    this.#calls++;
    const goOn = connection.send(message);
    this.#calls--;
    if (room < HEADER_BYTES + size) {
      this.#isSlow = true;
      this.#wantNoMore();
      expect([goOn, connection.open, connection.bufferedBytes]).toEqual([false, false, 0]);
    } else {
      this.#traffic.sent.push(message);
      expect(goOn).toBe(connection.bufferedBytes < HIGH_WATER);
    }
  }

  /** A connection sends whole messages. */
  part(size: number): void {
    this.send(size);
  }

  act(action: SidedAction): void {
    this.#calls++;
    this.#acts[action]();
    this.#calls--;
  }

  readonly #acts: { readonly [action in SidedAction]: () => void } = {
    pause: () => {
      this.#paused = true;
      this.#connection.pause();
      this.#traffic.hold();
    },
    resume: () => {
      this.#paused = false;
      this.#traffic.release();
      this.#connection.resume();
    },
    detach: () => {
      if (this.#iterator !== null) return;
      this.#attached = false;
      this.#connection.onMessage = null;
    },
    attach: () => {
      if (this.#iterator !== null) return;
      this.#attached = true;
      this.#connection.onMessage = this.#onMessage;
    },
    drained: () => {
      const { bytesSent, queuedBytes } = this.#connection.stats();
      this.#waitFor(this.#connection.drained(), () => {
        const now = this.#connection.stats();
        if (now.queuedBytes > 0 && now.bytesSent < bytesSent + queuedBytes) this.#wrong.push("drained too early");
      });
    },
    pull: () => void this.#pull(),
    leave: () => {
      if (this.#iterator === null) return;
      this.#closing();
      this.#waitFor(this.#iterator.return!());
    },
    end: () => {
      this.#hasEnded = true;
      this.#connection.end();
      expect(this.#connection.open).toBe(false);
    },
    close: () => {
      this.#closing();
      this.#waitFor(this.#connection.close());
      expect(this.#connection.open).toBe(false);
    },
    abort: () => {
      if (!this.over) this.#hasAborted = true;
      this.#connection.abort(this.#aborted);
      this.#wantNoMore();
      expect([this.#connection.open, this.#connection.bufferedBytes]).toEqual([false, 0]);
    },
  };

  closeUnread(): void {
    this.#reacts = false;
    this.#hasLittleTime = true;
    this.act("close");
  }

  takeAll(): void {
    this.#reacts = false;
    this.#tookAll = this.#iterator !== null;
    if (this.#tookAll) void this.#pullAll();
    this.act("attach");
    this.act("resume");
  }

  check(): void {
    this.#traffic.check(this.other);
    if (this.over) expect([this.#connection.open, this.#connection.bufferedBytes]).toEqual([false, 0]);
    expect(this.#wrong).toEqual([]);
  }

  checkEnd(): void {
    this.check();
    const { other } = this;
    expect([this.#closes.length, this.#waiting]).toEqual([1, 0]);
    const error: NodeJS.ErrnoException | undefined = this.#closes[0];
    if (error === undefined && !this.#mayMistakeReset) {
      if (!this.#hasLittleTime) expect(other.finished, "the peer had finished").toBe(true);
      if (!this.#hasClosed)
        expect([this.#traffic.received, this.#peerEnds, other.cut]).toEqual([other.sent.length, 1, false]);
    } else if (error !== undefined && error !== this.#aborted) {
      expect(this.#expectedCodes()).toContain(error.code);
    }
    if (this.#iterationFailure !== undefined) expect(this.#iterationFailure).toBe(error);
    else if (this.#tookAll && !this.#hasClosed && this.#peerEnds === 0) expect(error).toBeUndefined();
  }

  get #mayMistakeReset(): boolean {
    return this.#hidesResets && this.#hasEnded && this.other.gaveUp;
  }

  #expectedCodes(): string[] {
    return [
      ...(this.#isSlow ? ["ERR_SLOW_PEER"] : []),
      ...(this.other.cut || this.#mayMistakeReset ? ["ERR_FRAME_TRUNCATED"] : []),
      ...(this.#hasLittleTime ? ["ERR_DRAIN_TIMEOUT"] : []),
      ...(this.other.gaveUp ? ["ECONNRESET", "EPIPE"] : []),
    ];
  }

  readonly #onMessage = (message: Uint8Array): void => {
    this.#hear("onMessage");
    if (this.#paused) this.#wrong.push("a message while paused");
    if (!this.#attached) this.#wrong.push("a message to a handler that was taken away");
    this.#take(message);
    for (const reaction of this.#reacts ? this.#habits.reactions : []) {
      if (reaction.at !== this.#traffic.received) continue;
      if (reaction.do !== "send") this.act(reaction.do);
      else if (this.#connection.open) this.send(ANSWER_BYTES);
      else this.#sendTooLate(pattern(ANSWER_BYTES, 0), true);
    }
  };

  /** Told as a mistake, but what answers a message that came before the peer has vanished is dropped without a word. */
  #sendTooLate(message: Uint8Array, isAnswer: boolean): void {
    const outcome = this.#traffic.tooLate(message);
    const mayDrop = !this.over && this.other.gaveUp;
    const mayTell = !mayDrop || !isAnswer || this.#hasEnded || this.gaveUp;
    if (outcome === "dropped" ? mayDrop : mayTell && outcome === "ERR_CONNECTION_CLOSED") return;
    this.#wrong.push(`a message that came too late: ${outcome}`);
  }

  #take(message: Uint8Array): void {
    if (!this.#traffic.isNext(message, this.other)) this.#wrong.push(`not message ${this.#traffic.received}`);
  }

  #hear(callback: string): void {
    if (this.over) this.#wrong.push(`${callback} after onClose`);
  }

  #closing(): void {
    this.#hasEnded = true;
    if (this.#peerEnds === 0) this.#hasClosed = true;
    if (!this.#connection.open) return this.#wantNoMore();
    this.#traffic.stop();
  }

  /** A handler gets nothing from here on; an iteration still gives what had arrived before it failed. */
  #wantNoMore(): void {
    if (this.#iterator === null) this.#traffic.stop();
  }

  /** Whether there may be more. */
  async #pull(): Promise<boolean> {
    if (this.#iterator === null) return false;
    const next = this.#iterator.next();
    this.#waitFor(next);
    try {
      const { done, value } = await next;
      if (done !== true) this.#take(value);
      return done !== true;
    } catch (error) {
      this.#iterationFailure = error;
      return false;
    }
  }

  async #pullAll(): Promise<void> {
    while (await this.#pull());
  }

  #waitFor(promise: Promise<unknown>, onSettled = (): void => {}): void {
    this.#waiting++;
    const settled = (): void => {
      this.#waiting--;
      onSettled();
    };
    promise.then(settled, settled);
  }
}
