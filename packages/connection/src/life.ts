import type { Timer } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";
import type { ConnectionProfile } from "./connection-profile.js";
import { ConnectionError } from "./errors.js";

/**
 * open: both ways. ended: sends no more, and receives. closing: sends what is queued and discards what comes.
 * failing: delivers what had come. closed: nothing.
 */
export type Stage = "open" | "ended" | "closing" | "failing" | "closed";

/**
 * A connection as far as its life goes: from open to closed, whoever begins, and once. Ends the stream accordingly. A base and
 * not a part, as `Sender` is: an object less for each connection.
 */
export abstract class Life {
  readonly stream: ByteStream;
  readonly profile: ConnectionProfile;
  /** Why it ended, or is about to. */
  error: Error | undefined;
  #stage: Stage = "open";
  #peerEnded = false;
  #drainDeadline: Timer | null = null;
  /** Whoever has asked for `closed`. */
  #closed: Ending | null = null;

  constructor(stream: ByteStream, profile: ConnectionProfile) {
    this.stream = stream;
    this.profile = profile;
  }

  /** Resolves at the end. Never rejects. */
  get closed(): Promise<void> {
    this.#closed ??= new Ending();
    return this.#closed.promise;
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
    this.stream.end();
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
      const delay = drainTimeoutMs ?? this.profile.limits.drainTimeoutMs;
      this.#drainDeadline = this.profile.timers.set(delay, () => this.#drainedTooLong(delay));
    }
    if (!this.receives) return;
    this.#stage = "closing";
    this.closing();
    this.stream.end();
    if (this.#peerEnded) this.closeIfFlushed();
    else this.stream.resume();
  }

  /** While it closes: whether that is done is to be looked at again. */
  closeIfFlushed(): void {
    if (this.#stage !== "closing" || !this.#peerEnded || this.stream.bufferedBytes > 0) return;
    this.stream.close();
    this.#finish(undefined);
  }

  /** Ends at once, with a reset. */
  abort(error?: Error): void {
    if (this.#stage === "closed") return;
    this.stream.abort();
    const aborted = new ConnectionError("ERR_CONNECTION_CLOSED", "connection: expected to go on, got abort()");
    this.#finish(this.error ?? error ?? aborted);
  }

  /** The stream has failed. @param behind whether what it had brought is still being delivered: `delivered` tells the end */
  fail(error: Error, behind: boolean): void {
    if (!behind || !this.receives) return this.#finish(error);
    this.#stage = "failing";
    this.error = error;
    this.failing();
  }

  /** While it fails: what had come was delivered. */
  delivered(): void {
    if (this.#stage === "failing") this.#finish(this.error);
  }

  /** Nothing is sent any more, and what comes is discarded. */
  protected abstract closing(): void;
  /** The stream is gone, and what it had brought is still to be delivered. */
  protected abstract failing(): void;
  /** It is over. */
  protected abstract ended(error: Error | undefined): void;
  /** The same, from a microtask: nobody is called from inside a call. */
  protected abstract told(error: Error | undefined): void;

  #drainedTooLong(afterMs: number): void {
    const left = this.stream.bufferedBytes;
    if (left > 0) {
      const message = `close: expected the peer to take all within ${afterMs} ms, got ${left} bytes left`;
      return this.abort(new ConnectionError("ERR_DRAIN_TIMEOUT", message));
    }
    this.stream.close();
    this.#finish(undefined);
  }

  #finish(error: Error | undefined): void {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.error = error;
    this.#drainDeadline?.cancel();
    this.ended(error);
    queueMicrotask(() => {
      this.#closed ??= PAST;
      this.#closed.settle();
      this.told(error);
    });
  }
}

/** A promise of the end, made when somebody asks for it. */
class Ending {
  settle!: () => void;
  readonly promise: Promise<void> = new Promise((resolve) => {
    this.settle = resolve;
  });
}

/** That of every connection which nobody has asked before it ended. */
const PAST = new Ending();
