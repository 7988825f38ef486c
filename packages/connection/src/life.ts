import type { Timer, Timers } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";
import { ConnectionError } from "./errors.js";

/** What the stages of a connection's life mean to the rest of it. */
export interface LifeEvents {
  /** Nothing is sent any more, and what comes is discarded. */
  closing(): void;
  /** The stream is gone, and what it had brought is still to be delivered. */
  failing(): void;
  /** It is over. */
  ended(error: Error | undefined): void;
  /** The same, from a microtask: nobody is called from inside a call. */
  told(error: Error | undefined): void;
}

/**
 * open: both ways. ended: sends no more, and receives. closing: sends what is queued and discards what comes.
 * failing: delivers what had come. closed: nothing.
 */
type Stage = "open" | "ended" | "closing" | "failing" | "closed";

/** How a connection goes from open to closed, whoever begins, and that it does so once. Ends the stream accordingly. */
export class Life {
  /** Resolves at the end. Never rejects. */
  readonly closed: Promise<void>;
  /** Why it ended, or is about to. */
  error: Error | undefined;
  readonly #stream: ByteStream;
  readonly #timers: Timers;
  readonly #drainTimeoutMs: number;
  readonly #events: LifeEvents;
  #stage: Stage = "open";
  #peerEnded = false;
  #drainDeadline: Timer | null = null;
  #settleClosed!: () => void;

  constructor(stream: ByteStream, timers: Timers, drainTimeoutMs: number, events: LifeEvents) {
    this.#stream = stream;
    this.#timers = timers;
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#events = events;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Whether what comes is for the consumer, and from a stream that may bring more. */
  get receives(): boolean {
    return this.#stage === "open" || this.#stage === "ended";
  }

  /** Finishes sending. */
  end(): void {
    if (this.#stage !== "open") return;
    this.#stage = "ended";
    this.#stream.end();
  }

  /** The peer has finished sending. */
  peerEnded(): void {
    this.#peerEnded = true;
    this.closeIfFlushed();
  }

  /** Ends gracefully. @param drainTimeoutMs replaces the deadline, one that runs already too */
  close(drainTimeoutMs?: number): void {
    if (this.#stage === "failing") this.#finish(this.error);
    if (this.#stage === "closed") return;
    if (this.#drainDeadline === null || drainTimeoutMs !== undefined) {
      this.#drainDeadline?.cancel();
      const delay = drainTimeoutMs ?? this.#drainTimeoutMs;
      this.#drainDeadline = this.#timers.set(delay, () => this.#drainedTooLong(delay));
    }
    if (!this.receives) return;
    this.#stage = "closing";
    this.#events.closing();
    this.#stream.end();
    if (this.#peerEnded) this.closeIfFlushed();
    else this.#stream.resume();
  }

  /** While it closes: whether that is done is to be looked at again. */
  closeIfFlushed(): void {
    if (this.#stage !== "closing" || !this.#peerEnded || this.#stream.bufferedBytes > 0) return;
    this.#stream.close();
    this.#finish(undefined);
  }

  /** Ends at once, with a reset. */
  abort(error?: Error): void {
    if (this.#stage === "closed") return;
    this.#stream.abort();
    const aborted = new ConnectionError("ERR_CONNECTION_CLOSED", "connection: expected to go on, got abort()");
    this.#finish(this.error ?? error ?? aborted);
  }

  /** The stream has failed. @param behind whether what it had brought is still being delivered: `delivered` tells the end */
  fail(error: Error, behind: boolean): void {
    if (!behind || !this.receives) return this.#finish(error);
    this.#stage = "failing";
    this.error = error;
    this.#events.failing();
  }

  /** While it fails: what had come was delivered. */
  delivered(): void {
    if (this.#stage === "failing") this.#finish(this.error);
  }

  #drainedTooLong(afterMs: number): void {
    const left = this.#stream.bufferedBytes;
    if (left > 0) {
      const message = `close: expected the peer to take all within ${afterMs} ms, got ${left} bytes left`;
      return this.abort(new ConnectionError("ERR_DRAIN_TIMEOUT", message));
    }
    this.#stream.close();
    this.#finish(undefined);
  }

  #finish(error: Error | undefined): void {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.error = error;
    this.#drainDeadline?.cancel();
    this.#events.ended(error);
    queueMicrotask(() => {
      this.#settleClosed();
      this.#events.told(error);
    });
  }
}
