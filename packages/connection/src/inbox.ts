import type { Timer } from "@p2pnet/event-loop";
import type { FrameDecoder, PayloadSlice } from "@p2pnet/framing";
import type { ConnectionProfile } from "./connection-profile.js";
import type { TimedReader } from "./deadlines.js";
import { ConnectionError } from "./errors.js";

/**
 * Takes one message. The bytes are its own to keep, unless the connection borrows. `this` is the connection, as for all its
 * handlers: one `function` may serve many connections.
 */
export type MessageHandler = (message: Uint8Array) => void;

/**
 * Takes one message where it was received: `bytes` from `start` to before `end`, right during the call only. `this` is the
 * connection.
 */
export type SliceHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** The connection, as far as its inbox knows it. */
export interface InboxOwner {
  readonly profile: ConnectionProfile;
  /** What handlers are called on. */
  readonly face: object;
  /** The inbox may want more or fewer bytes than before: see `wantsBytes`. */
  inboxChanged(): void;
  /** The peer has finished, and everything before that was consumed. */
  consumedAll(): void;
  /** The consumer has stopped iterating. */
  abandoned(): Promise<void>;
  /** What the peer sent is not a sequence of frames. */
  abort(error: Error): void;
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
  readonly #owner: InboxOwner;
  /** Held while it has bytes: what the consumer has not taken, or the beginning of a frame. */
  #decoder: FrameDecoder | null = null;
  #handler: MessageHandler | null = null;
  #sliceHandler: SliceHandler | null = null;
  /** Those of an iterating consumer; null without one. */
  #waiters: Waiter[] | null = null;
  #paused = false;
  #delivering = false;
  /** The peer's end: due when what came before it is consumed, told to the consumer once. */
  #end: "awaited" | "due" | "told" = "awaited";
  /** Whether it is over, and why. */
  #over: { readonly error: Error | undefined } | null = null;
  /** How many more messages this turn may deliver. */
  #left: number;
  /** Comes in the next turn, for the messages that this one may not deliver. */
  #nextTurn: Timer | null = null;

  constructor(owner: InboxOwner) {
    this.#owner = owner;
    this.#left = owner.profile.limits.maxFramesPerTurn;
  }

  get handler(): MessageHandler | null {
    return this.#handler;
  }

  set handler(handler: MessageHandler | null) {
    if (handler !== null && (this.#waiters !== null || this.#sliceHandler !== null)) throw consumerAttached();
    this.#handler = handler;
    this.#deliver();
  }

  get sliceHandler(): SliceHandler | null {
    return this.#sliceHandler;
  }

  set sliceHandler(handler: SliceHandler | null) {
    if (handler !== null && (this.#waiters !== null || this.#handler !== null)) throw consumerAttached();
    this.#sliceHandler = handler;
    this.#deliver();
  }

  /** Makes the caller the iterating consumer. */
  iterate(): AsyncIterator<Uint8Array, undefined> {
    if (this.#handler !== null || this.#sliceHandler !== null || this.#waiters !== null) throw consumerAttached();
    this.#waiters = [];
    return this;
  }

  /** Whether reading should go on. */
  get wantsBytes(): boolean {
    if (this.#paused || this.#over !== null || this.#nextTurn !== null) return false;
    // Who waits for a message gets it, however long: only what nobody waits for is bounded.
    return this.#isAwaited() || (this.#waiters !== null && this.bufferedBytes < READ_AHEAD_BYTES);
  }

  /** Whether messages that are wanted wait for nothing but the next turn. */
  get behind(): boolean {
    return this.#nextTurn !== null && this.#isWanted();
  }

  get waitsInFrame(): boolean {
    if (this.#delivering || this.#nextTurn !== null || this.#over !== null) return false;
    return this.#decoder !== null && this.bufferedBytes > 0 && this.#isWanted();
  }

  get frameLength(): number {
    return this.#decoder?.expectedLength ?? 0;
  }

  get bufferedBytes(): number {
    return this.#decoder?.bufferedBytes ?? 0;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    if (!paused) this.#deliver();
  }

  /** `chunk` may be reused when this returns. */
  receive(chunk: Uint8Array): void {
    if (this.#over !== null) return;
    const { profile } = this.#owner;
    this.#left = profile.limits.maxFramesPerTurn;
    this.#decoder ??= profile.decoders.take();
    this.#decoder.push(chunk);
    try {
      this.#deliver();
    } finally {
      this.#decoder?.retain();
    }
  }

  receiveEnd(): void {
    if (this.#end === "awaited") this.#end = "due";
    this.#deliver();
  }

  /** The connection is over: an iterator gets what had arrived, unless it is discarded, then the error or the end. */
  finish(error: Error | undefined, discard: boolean): void {
    if (this.#over !== null) return;
    this.#over = { error };
    this.#nextTurn?.cancel();
    this.#nextTurn = null;
    if (discard || this.#waiters === null) this.#end = "told";
    this.#handler = null;
    this.#sliceHandler = null;
    this.#deliver();
    this.#settleWaiters();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiters!.push({ resolve, reject });
      this.#deliver();
      if (this.#over !== null) this.#settleWaiters();
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const closed = this.#owner.abandoned();
    this.#end = "told";
    if (this.#over !== null) this.#over = { error: undefined };
    await closed;
    return { done: true, value: undefined };
  }

  /** Whether there is somebody to give the next message to. */
  #isAwaited(): boolean {
    if (this.#handler !== null || this.#sliceHandler !== null) return true;
    return this.#waiters !== null && this.#waiters.length > 0;
  }

  /** Whether the consumer waits for a message. */
  #isWanted(): boolean {
    return !this.#paused && this.#isAwaited();
  }

  #deliver(): void {
    if (this.#delivering || this.#nextTurn !== null) return;
    this.#delivering = true;
    let thrown: unknown[] | null = null;
    let ended = false;
    try {
      let message = this.#nextWanted();
      while (message !== null) {
        try {
          this.#give(message);
        } catch (error) {
          // The other messages of this chunk still have to be told.
          thrown ??= [];
          thrown.push(error);
        }
        message = this.#nextWanted();
      }
      ended = this.#takeEnd();
      this.#returnDecoder();
    } catch (error) {
      this.#decoder = null;
      this.#owner.abort(error as Error);
    }
    this.#delivering = false;
    if (ended) {
      try {
        this.#owner.consumedAll();
      } catch (error) {
        thrown ??= [];
        thrown.push(error);
      }
    }
    this.#owner.inboxChanged();
    if (thrown === null) return;
    if (thrown.length === 1) throw thrown[0];
    throw new AggregateError(thrown, "handlers of one chunk threw more than once");
  }

  /** A slice if that is what the consumer takes. @throws FrameError */
  #nextWanted(): Uint8Array | PayloadSlice | null {
    const decoder = this.#decoder;
    if (decoder === null || (this.#paused && this.#over === null) || this.#end === "told" || !this.#isAwaited())
      return null;
    if (this.#left === 0 && this.#over === null && decoder.bufferedBytes > 0) {
      this.#nextTurn = this.#owner.profile.timers.set(0, () => this.#goOn());
      return null;
    }
    const message = this.#sliceHandler === null ? decoder.next() : decoder.nextSlice();
    if (message !== null) {
      this.#left--;
      this.messages++;
    }
    return message;
  }

  #returnDecoder(): void {
    if (this.#decoder === null || this.#decoder.bufferedBytes > 0) return;
    // It would keep the chunk in memory, or the message that was cut.
    this.#decoder.retain();
    this.#owner.profile.decoders.give(this.#decoder);
    this.#decoder = null;
  }

  #goOn(): void {
    this.#nextTurn = null;
    this.#left = this.#owner.profile.limits.maxFramesPerTurn;
    this.#deliver();
  }

  #give(message: Uint8Array | PayloadSlice): void {
    const { face, profile } = this.#owner;
    if (this.#sliceHandler !== null) {
      const { bytes, start, end } = message as PayloadSlice;
      this.#sliceHandler.call(face, bytes, start, end);
      return;
    }
    const payload = message as Uint8Array;
    if (this.#handler !== null) this.#handler.call(face, payload);
    else this.#waiters!.shift()!.resolve({ done: false, value: profile.borrow ? payload.slice() : payload });
  }

  /** Whether the end is to be told now, after all messages. @throws TruncatedFrameError */
  #takeEnd(): boolean {
    if (this.#end !== "due" || this.#over !== null) return false;
    if (!this.#isWanted() || this.#nextTurn !== null) return false;
    this.#end = "told";
    this.#decoder?.end();
    this.#decoder = null;
    return true;
  }

  #settleWaiters(): void {
    for (const { resolve, reject } of this.#waiters?.splice(0) ?? []) {
      if (this.#over?.error === undefined) resolve({ done: true, value: undefined });
      else reject(this.#over.error);
    }
  }
}

function consumerAttached(): ConnectionError {
  return new ConnectionError(
    "ERR_CONSUMER_ATTACHED",
    "consumer: expected one handler or one iteration, got a second consumer",
  );
}
