import type { Timer, Timers } from "@p2pnet/event-loop";
import type { FrameDecoder } from "@p2pnet/framing";
import type { TimedReader } from "./deadlines.js";
import { ConnectionError } from "./errors.js";

/** Takes one message. The bytes are its own to keep, unless the connection borrows. */
export type MessageHandler = (message: Uint8Array) => void;

/** What an inbox tells its connection. */
export interface InboxEvents {
  /** It may want more or fewer bytes than before: see `wantsBytes`. */
  changed(): void;
  /** The peer has finished, and everything before that was consumed. */
  ended(): void;
  /** What the peer sent is not a sequence of frames. */
  failed(error: Error): void;
  /** The consumer has stopped iterating. */
  abandoned(): Promise<void>;
}

export interface InboxOptions {
  /** Lends messages to the handler. */
  readonly borrow: boolean;
  /** Messages that one turn delivers at most. */
  readonly maxFramesPerTurn: number;
  /** What runs the turn after this one. */
  readonly timers: Timers;
}

/** Bytes that are read ahead of an iterating consumer. */
const READ_AHEAD_BYTES = 65_536;

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: Error): void;
}

/**
 * The receiving half of a connection: bytes become messages for one consumer, a handler or an iterator, as fast as it
 * takes them. What it has not taken yet stays in the decoder.
 */
export class Inbox implements AsyncIterator<Uint8Array, undefined>, TimedReader {
  /** Messages delivered so far. */
  messages = 0;
  readonly #decoder: FrameDecoder;
  readonly #options: InboxOptions;
  readonly #events: InboxEvents;
  #handler: MessageHandler | null = null;
  #iterating = false;
  #waiters: Waiter[] = [];
  #paused = false;
  #delivering = false;
  #peerEnded = false;
  #endReported = false;
  #finished = false;
  #error: Error | undefined;
  /** How many more messages this turn may deliver. */
  #left: number;
  /** Comes in the next turn, for the messages that this one may not deliver. */
  #nextTurn: Timer | null = null;

  constructor(decoder: FrameDecoder, options: InboxOptions, events: InboxEvents) {
    this.#decoder = decoder;
    this.#options = options;
    this.#events = events;
    this.#left = options.maxFramesPerTurn;
  }

  get handler(): MessageHandler | null {
    return this.#handler;
  }

  set handler(handler: MessageHandler | null) {
    if (handler !== null && this.#iterating) throw consumerAttached();
    this.#handler = handler;
    this.#deliver();
  }

  /** Makes the caller the iterating consumer. */
  iterate(): AsyncIterator<Uint8Array, undefined> {
    if (this.#handler !== null || this.#iterating) throw consumerAttached();
    this.#iterating = true;
    return this;
  }

  /** Whether reading should go on. */
  get wantsBytes(): boolean {
    if (this.#paused || this.#finished || this.#nextTurn !== null) return false;
    // Who waits for a message gets it, however long: only what nobody waits for is bounded.
    if (this.#handler !== null || this.#waiters.length > 0) return true;
    return this.#iterating && this.#decoder.bufferedBytes < READ_AHEAD_BYTES;
  }

  /** Whether messages that are wanted wait for nothing but the next turn. */
  get behind(): boolean {
    return this.#nextTurn !== null && this.#wanted;
  }

  get waitsInFrame(): boolean {
    if (this.#delivering || this.#nextTurn !== null || this.#finished) return false;
    return this.#decoder.bufferedBytes > 0 && this.#wanted;
  }

  get frameLength(): number {
    return this.#decoder.expectedLength;
  }

  get bufferedBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    if (!paused) this.#deliver();
  }

  /** `chunk` may be reused when this returns. */
  receive(chunk: Uint8Array): void {
    if (this.#finished) return;
    this.#left = this.#options.maxFramesPerTurn;
    this.#decoder.push(chunk);
    try {
      this.#deliver();
    } finally {
      this.#decoder.retain();
    }
  }

  receiveEnd(): void {
    this.#peerEnded = true;
    this.#deliver();
  }

  /** The connection is over: an iterator gets what had arrived, unless it is discarded, then the error or the end. */
  finish(error: Error | undefined, discard: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#error = error;
    this.#nextTurn?.cancel();
    this.#nextTurn = null;
    if (discard || !this.#iterating) this.#endReported = true;
    this.#handler = null;
    this.#deliver();
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#deliver();
      if (this.#finished) for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const closed = this.#events.abandoned();
    this.#endReported = true;
    this.#error = undefined;
    await closed;
    return { done: true, value: undefined };
  }

  /** Whether the consumer waits for a message. */
  get #wanted(): boolean {
    return !this.#paused && (this.#handler !== null || this.#waiters.length > 0);
  }

  #deliver(): void {
    if (this.#delivering || this.#nextTurn !== null) return;
    this.#delivering = true;
    const thrown: unknown[] = [];
    let ended = false;
    try {
      let message = this.#nextWanted();
      while (message !== null) {
        try {
          this.#give(message);
        } catch (error) {
          thrown.push(error); // The other messages of this chunk still have to be told.
        }
        message = this.#nextWanted();
      }
      ended = this.#takeEnd();
    } catch (error) {
      this.#events.failed(error as Error);
    }
    this.#delivering = false;
    if (ended) {
      try {
        this.#events.ended();
      } catch (error) {
        thrown.push(error);
      }
    }
    this.#events.changed();
    if (thrown.length === 1) throw thrown[0];
    if (thrown.length > 1) throw new AggregateError(thrown, "handlers of one chunk threw more than once");
  }

  /** @throws FrameError */
  #nextWanted(): Uint8Array | null {
    if ((this.#paused && !this.#finished) || this.#endReported) return null;
    if (this.#handler === null && this.#waiters.length === 0) return null;
    if (this.#left === 0 && !this.#finished && this.#decoder.bufferedBytes > 0) {
      this.#nextTurn = this.#options.timers.set(0, () => this.#goOn());
      return null;
    }
    const message = this.#decoder.next();
    if (message !== null) {
      this.#left--;
      this.messages++;
    }
    return message;
  }

  #goOn(): void {
    this.#nextTurn = null;
    this.#left = this.#options.maxFramesPerTurn;
    this.#deliver();
  }

  #give(message: Uint8Array): void {
    if (this.#handler !== null) this.#handler(message);
    else this.#waiters.shift()!.resolve({ done: false, value: this.#options.borrow ? message.slice() : message });
  }

  /** Whether the end is to be told now, after all messages. @throws TruncatedFrameError */
  #takeEnd(): boolean {
    if (!this.#peerEnded || this.#endReported || this.#finished) return false;
    if (!this.#wanted || this.#nextTurn !== null) return false;
    this.#endReported = true;
    this.#decoder.end();
    return true;
  }

  #settle(waiter: Waiter): void {
    if (this.#error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(this.#error);
  }
}

function consumerAttached(): ConnectionError {
  return new ConnectionError(
    "ERR_CONSUMER_ATTACHED",
    "consumer: expected one handler or one iteration, got a second consumer",
  );
}
