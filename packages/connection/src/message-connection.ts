import type { Timer, Timers } from "@p2pnet/event-loop";
import { FrameDecoder } from "@p2pnet/framing";
import type { SocketAddress } from "@p2pnet/socket";
import type { ByteStream } from "@p2pnet/stream";
import {
  type ConnectionLimits,
  type ConnectionOptions,
  connectionLimits,
  MAX_TIMEOUT_MS,
} from "./connection-options.js";
import { ConnectionError, expectNumber } from "./errors.js";
import { Inbox, type MessageHandler } from "./inbox.js";
import { Outbox } from "./outbox.js";
import { keepingTimers, passingTimers } from "./transports/node-timers.js";
import type { TransportName } from "./transports/transport.js";

/** What a connection knows beside its stream. */
export interface ConnectionContext {
  /** Where its deadlines run. Default: Node's, where an idle deadline by itself does not keep the process running. */
  readonly timers?: Timers;
  readonly transport?: TransportName | null;
  readonly localAddress?: SocketAddress | null;
  readonly remoteAddress?: SocketAddress | null;
  /** For whoever keeps a list of connections: called at the end, before `onClose`. */
  readonly onEnded?: () => void;
}

/** open: both ways. closing: sends what is queued and discards what comes. closed: nothing. */
type State = "open" | "closing" | "closed";

/**
 * Messages over a byte stream, with a bounded queue and deadlines. Owns the stream.
 *
 * Reading starts when a consumer is attached: `onMessage`, or iteration, but not both. Every connection ends exactly once:
 * then `onClose` is called (from a microtask, never inside a call), `closed` resolves and iteration ends.
 */
export class MessageConnection implements AsyncIterable<Uint8Array>, AsyncDisposable {
  /** Called when the queue has fallen to the low-water mark after `send` said false. */
  onDrain: (() => void) | null = null;
  /** Called once at the end; with an error unless the connection was closed gracefully. */
  onClose: ((error?: Error) => void) | null = null;
  /** Called when the peer has finished sending and its messages were consumed. */
  onEnd: (() => void) | null = null;
  /** What carries it, or null over a stream of the user's own. */
  readonly transport: TransportName | null;
  readonly localAddress: SocketAddress | null;
  readonly remoteAddress: SocketAddress | null;
  /** Resolves when the connection has ended, however it did. Never rejects. */
  readonly closed: Promise<void>;

  readonly #stream: ByteStream;
  readonly #timers: Timers;
  readonly #limits: ConnectionLimits;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #allowHalfOpen: boolean;
  readonly #onEnded: (() => void) | undefined;
  readonly #idle: Timer | null;
  #state: State = "open";
  #peerEnded = false;
  #drainDeadline: Timer | null = null;
  #error: Error | undefined;
  #settleClosed!: () => void;

  /** @throws ConnectionError `ERR_OUT_OF_RANGE`; `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE` for bad `frame` options */
  constructor(stream: ByteStream, options: ConnectionOptions = {}, context: ConnectionContext = {}) {
    this.#stream = stream;
    this.#limits = connectionLimits(options);
    this.#outbox = new Outbox(stream, options.frame, this.#limits);
    const borrow = options.borrow ?? false;
    this.#inbox = new Inbox(new FrameDecoder({ ...options.frame, copy: !borrow }), borrow, {
      changed: () => this.#updateReading(),
      ended: () => this.#inboxEnded(),
      failed: (error) => this.abort(error),
      abandoned: () => this.close(),
    });
    this.#allowHalfOpen = options.allowHalfOpen ?? false;
    this.#timers = context.timers ?? keepingTimers;
    this.#onEnded = context.onEnded;
    this.transport = context.transport ?? null;
    this.localAddress = context.localAddress ?? null;
    this.remoteAddress = context.remoteAddress ?? null;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    stream.start({
      onData: (chunk) => this.#received(chunk),
      onEnd: () => this.#streamEnded(),
      onDrain: () => this.#tookBytes(),
      onError: (error) => this.#finish(error),
    });
    const { idleTimeoutMs } = this.#limits;
    const idleTimers = context.timers ?? passingTimers;
    this.#idle = idleTimeoutMs === 0 ? null : idleTimers.set(idleTimeoutMs, () => this.#idleTooLong());
  }

  /** Bytes queued: sent, and not yet taken by the system. */
  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  /** False from the first `close` or `abort`, or failure, on. */
  get open(): boolean {
    return this.#state === "open";
  }

  get onMessage(): MessageHandler | null {
    return this.#inbox.handler;
  }

  /** The consumer of messages. @throws ConnectionError `ERR_CONSUMER_ATTACHED` while the connection is iterated */
  set onMessage(handler: MessageHandler | null) {
    this.#inbox.handler = handler;
  }

  /**
   * Sends a message: queues its frame, which leaves at the end of the turn. False when the caller should wait for
   * `onDrain` or `drained()`. `message` must not change until it is drained, unless it is no longer than
   * `COPIED_WRITE_BYTES`: such a one is copied before this returns.
   *
   * A peer so slow that the queue outgrows its cap is aborted with `ERR_SLOW_PEER`, told through `onClose`.
   *
   * @throws ConnectionError `ERR_CONNECTION_CLOSED`, and before a byte leaves `ERR_INVALID_ARG_TYPE`; FrameError
   * `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`
   */
  send(message: Uint8Array): boolean {
    if (this.#state !== "open") throw this.#closedError();
    const sent = this.#outbox.send(message);
    if (typeof sent === "boolean") return sent;
    this.abort(sent);
    return false;
  }

  /** Resolves when everything sent so far was taken by the system, or the connection has ended. Never rejects. */
  drained(): Promise<void> {
    return this.#state === "closed" ? this.closed : this.#outbox.drained();
  }

  /** Delivers no more messages until `resume()`; the peer is slowed by TCP's own flow control. */
  pause(): void {
    this.#inbox.paused = true;
    this.#updateReading();
  }

  /** Goes on. Messages that have arrived are delivered before this returns. */
  resume(): void {
    this.#inbox.paused = false;
  }

  /**
   * Ends gracefully: sends what is queued, tells the peer, discards what still comes until the peer's end (closing with
   * unread input would reset the connection and lose what was sent), then closes. After `drainTimeoutMs` it closes
   * anyway: with `ERR_DRAIN_TIMEOUT` and a reset if bytes were left. Resolves at the end; closing twice is allowed.
   *
   * @throws ConnectionError `ERR_OUT_OF_RANGE`
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    if (this.#state === "closed") return this.closed;
    const { drainTimeoutMs } = options;
    if (drainTimeoutMs !== undefined) expectNumber("drainTimeoutMs", drainTimeoutMs, 0, MAX_TIMEOUT_MS);
    if (this.#drainDeadline === null || drainTimeoutMs !== undefined) {
      this.#drainDeadline?.cancel();
      const delay = drainTimeoutMs ?? this.#limits.drainTimeoutMs;
      this.#drainDeadline = this.#timers.set(delay, () => this.#drainedTooLong(delay));
    }
    if (this.#state === "open") {
      this.#state = "closing";
      this.#idle?.cancel();
      this.#inbox.finish(undefined, true);
      this.#stream.end();
      if (this.#peerEnded) this.#closeIfFlushed();
      else this.#stream.resume();
    }
    return this.closed;
  }

  /** Ends at once with a reset; what is queued is lost. `onClose` gets `error`. Aborting twice is allowed. */
  abort(error?: Error): void {
    if (this.#state === "closed") return;
    this.#stream.abort();
    this.#finish(error ?? new ConnectionError("ERR_CONNECTION_CLOSED", "connection: expected to go on, got abort()"));
  }

  /**
   * Messages as they come. Leaving the loop closes the connection; a failure is thrown after what had arrived.
   *
   * @throws ConnectionError `ERR_CONSUMER_ATTACHED` beside `onMessage` or another iteration
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const iterator = this.#inbox.iterate();
    this.#updateReading();
    return iterator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #received(chunk: Uint8Array): void {
    this.#renewIdle();
    this.#inbox.receive(chunk);
  }

  #streamEnded(): void {
    this.#peerEnded = true;
    if (this.#state === "open") this.#inbox.receiveEnd();
    else this.#closeIfFlushed();
  }

  #inboxEnded(): void {
    try {
      this.onEnd?.();
    } finally {
      if (!this.#allowHalfOpen) void this.close();
      else if (this.#state === "open") this.#inbox.finish(undefined, false);
    }
  }

  #tookBytes(): void {
    this.#renewIdle();
    const drained = this.#outbox.tookBytes();
    if (this.#state === "closing") this.#closeIfFlushed();
    else if (drained) this.onDrain?.();
  }

  #closeIfFlushed(): void {
    if (this.#state !== "closing" || !this.#peerEnded || this.#stream.bufferedBytes > 0) return;
    this.#stream.close();
    this.#finish(undefined);
  }

  #idleTooLong(): void {
    const expected = `a byte in or out within ${this.#limits.idleTimeoutMs} ms`;
    this.abort(new ConnectionError("ERR_IDLE_TIMEOUT", `connection: expected ${expected}, got none`));
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
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    this.#idle?.cancel();
    this.#drainDeadline?.cancel();
    this.#inbox.finish(error, false);
    this.#outbox.finish();
    this.#onEnded?.();
    queueMicrotask(() => {
      this.#settleClosed();
      this.onClose?.(error);
    });
  }

  #updateReading(): void {
    if (this.#state !== "open") return;
    if (this.#inbox.wantsBytes) this.#stream.resume();
    else this.#stream.pause();
  }

  /** Only while open: a refresh would revive what `close` has cancelled. */
  #renewIdle(): void {
    if (this.#state === "open") this.#idle?.refresh(this.#limits.idleTimeoutMs);
  }

  #closedError(): ConnectionError {
    const message = "send: expected an open connection, got a closed one";
    const options = this.#error === undefined ? {} : { cause: this.#error };
    return new ConnectionError("ERR_CONNECTION_CLOSED", message, options);
  }
}
