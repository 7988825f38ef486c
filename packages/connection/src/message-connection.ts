import type { Timers } from "@p2pnet/event-loop";
import { FrameDecoder } from "@p2pnet/framing";
import type { SocketAddress } from "@p2pnet/socket";
import type { ByteStream } from "@p2pnet/stream";
import { unlessAborted } from "./abort.js";
import { type ConnectionLimits, type ConnectionOptions, connectionLimits } from "./connection-options.js";
import type { ConnectionStats } from "./connection-stats.js";
import { Deadlines } from "./deadlines.js";
import { publishClose, publishOpen, publishSlow } from "./diagnostics.js";
import { ConnectionError, expectTimeout } from "./errors.js";
import { Inbox, type MessageHandler } from "./inbox.js";
import { Life } from "./life.js";
import { Outbox } from "./outbox.js";
import { keepingTimers, passingTimers } from "./transports/node-timers.js";
import type { TransportName } from "./transports/transport.js";

/** What a connection knows beside its stream. */
export interface ConnectionContext<P = unknown> {
  /** Where its deadlines run. Default: Node's, where only that of `close` keeps the process running by itself. */
  readonly timers?: Timers;
  readonly transport?: TransportName | null;
  readonly localAddress?: SocketAddress | null;
  readonly remoteAddress?: SocketAddress | null;
  /** Who the peer has shown to be, for `connection.remotePeer`. */
  readonly remotePeer?: P;
  /** For whoever keeps a list of connections: called at the end, before `onClose`. */
  readonly onEnded?: (error: Error | undefined) => void;
  /** @internal Those of the options, checked: the connections of a server share them. */
  readonly limits?: ConnectionLimits;
}

/**
 * Messages over a byte stream, with a bounded queue and deadlines. Owns the stream.
 *
 * Reading starts when a consumer is attached: `onMessage`, or iteration, but not both. Every connection ends exactly once:
 * then `onClose` is called (from a microtask, never inside a call), `closed` resolves and iteration ends.
 */
export class MessageConnection<P = unknown> implements AsyncIterable<Uint8Array>, AsyncDisposable {
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
  /** Who the peer has shown to be when the stream was upgraded; null without `upgrade`. */
  readonly remotePeer: P;

  readonly #stream: ByteStream;
  readonly #timers: Timers;
  readonly #limits: ConnectionLimits;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #deadlines: Deadlines;
  readonly #life: Life;
  readonly #allowHalfOpen: boolean;
  readonly #openedAt: number;
  #bytesReceived = 0;
  /** The consumer has heard of the peer's end. */
  #consumedAll = false;

  /** @throws ConnectionError `ERR_OUT_OF_RANGE`; `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE` for bad `frame` options */
  constructor(stream: ByteStream, options: ConnectionOptions = {}, context: ConnectionContext<P> = {}) {
    const limits = context.limits ?? connectionLimits(options);
    const { borrow = false, allowHalfOpen = false, frame } = options;
    const timers = context.timers ?? keepingTimers;
    this.#stream = stream;
    this.#timers = timers;
    this.#limits = limits;
    this.#allowHalfOpen = allowHalfOpen;
    this.transport = context.transport ?? null;
    this.localAddress = context.localAddress ?? null;
    this.remoteAddress = context.remoteAddress ?? null;
    this.remotePeer = (context.remotePeer ?? null) as P;
    this.#outbox = new Outbox(stream, frame, limits, () => publishSlow(this, stream.bufferedBytes));
    this.#inbox = new Inbox(
      new FrameDecoder({ ...frame, copy: !borrow }),
      { borrow, maxFramesPerTurn: limits.maxFramesPerTurn, timers },
      {
        changed: () => this.#inboxChanged(),
        ended: () => this.#peerEndConsumed(),
        failed: (error) => this.abort(error),
        abandoned: () => this.close(),
      },
    );
    this.#life = new Life(stream, timers, limits.drainTimeoutMs, {
      closing: () => {
        this.#deadlines.stop();
        this.#inbox.finish(undefined, true);
      },
      failing: () => this.#deadlines.stop(),
      ended: (error) => {
        this.#deadlines.stop();
        this.#inbox.finish(error, false);
        this.#outbox.finish();
        context.onEnded?.(error);
        publishClose(this, error);
      },
      told: (error) => this.onClose?.(error),
    });
    stream.start({
      onData: (chunk) => this.#received(chunk),
      onEnd: () => this.#streamEnded(),
      onDrain: () => this.#tookBytes(),
      onError: (error) => this.#life.fail(error, this.#inbox.behind),
    });
    const onPassed = (error: Error): void => this.abort(error);
    this.#deadlines = new Deadlines(context.timers ?? passingTimers, stream, this.#inbox, limits, onPassed);
    this.#openedAt = this.#deadlines.movedAt;
    publishOpen(this);
  }

  /** Resolves when the connection has ended, however it did. Never rejects. */
  get closed(): Promise<void> {
    return this.#life.closed;
  }

  /** Bytes queued: sent, and not yet taken by the system. */
  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  /** Whether messages may be sent. False from the first `end`, `close` or `abort`, or failure, on. */
  get open(): boolean {
    return this.#life.stage === "open";
  }

  /** The consumer of messages. @throws ConnectionError `ERR_CONSUMER_ATTACHED` when set while the connection is iterated */
  get onMessage(): MessageHandler | null {
    return this.#inbox.handler;
  }

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
    if (this.#life.stage !== "open") throw this.#closedError();
    return this.#sent(this.#outbox.send(message)) === true;
  }

  /** Resolves when the system has taken all sent so far, or the connection has ended. Rejects only with the signal's reason. */
  drained({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const drained = this.#life.stage === "closed" ? this.closed : this.#outbox.drained();
    return signal === undefined ? drained : unlessAborted(drained, signal);
  }

  /** Delivers no more messages until `resume()`; the peer is slowed by TCP's own flow control. */
  pause(): void {
    this.#inbox.paused = true;
    this.#inboxChanged();
  }

  /** Goes on. Messages that have arrived are delivered before this returns, as many as one turn may deliver. */
  resume(): void {
    this.#inbox.paused = false;
  }

  /** What moved so far, how long ago the last byte did, and what waits. */
  stats(): ConnectionStats {
    const { now } = this.#timers;
    return {
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#stream.bytesWritten,
      messagesReceived: this.#inbox.messages,
      messagesSent: this.#outbox.messages,
      queuedBytes: this.#stream.bufferedBytes,
      timesSlow: this.#outbox.timesSlow,
      ageMs: now - this.#openedAt,
      idleMs: now - this.#deadlines.movedAt,
    };
  }

  /**
   * Finishes sending: what is queued is sent, then the peer is told that nothing follows. Receiving goes on; at the peer's
   * end the connection closes. A peer without `allowHalfOpen` sends what it has queued, and ends. Ending twice is allowed.
   */
  end(): void {
    this.#life.end();
    if (this.#consumedAll) void this.close();
  }

  /**
   * Ends gracefully: sends what is queued, tells the peer, discards what still comes until the peer's end (closing with
   * unread input would reset the connection and lose what was sent), then closes. After `drainTimeoutMs` it closes
   * anyway: with `ERR_DRAIN_TIMEOUT` and a reset if bytes were left. Resolves at the end; closing twice is allowed.
   *
   * @throws ConnectionError `ERR_OUT_OF_RANGE`
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    const { drainTimeoutMs } = options;
    if (this.#life.stage === "closed") return this.closed;
    if (drainTimeoutMs !== undefined) expectTimeout("drainTimeoutMs", drainTimeoutMs, 0);
    this.#life.close(drainTimeoutMs);
    return this.closed;
  }

  /** Ends at once with a reset; what is queued is lost. `onClose` gets `error`. Aborting twice is allowed. */
  abort(error?: Error): void {
    this.#life.abort(error);
  }

  /**
   * Messages as they come. Leaving the loop closes the connection; a failure is thrown after what had arrived.
   *
   * @throws ConnectionError `ERR_CONSUMER_ATTACHED` beside `onMessage` or another iteration
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const iterator = this.#inbox.iterate();
    this.#inboxChanged();
    return iterator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Whether the queue has reached the high-water mark. */
  get slow(): boolean {
    return this.#stream.bufferedBytes >= this.#limits.highWaterMark;
  }

  /** @internal For `broadcast`: as the outbox does. */
  frameOf(message: Uint8Array, like: Uint8Array | null): Uint8Array {
    return this.#outbox.frameOf(message, like);
  }

  /** @internal For `broadcast`: whether the frame was queued. */
  sendFrame(frame: Uint8Array): boolean {
    return this.open && this.#sent(this.#outbox.sendFrame(frame)) !== null;
  }

  /** What became of a message: whether to go on, or null if the connection had to be aborted. */
  #sent(outcome: boolean | ConnectionError): boolean | null {
    if (typeof outcome === "boolean") {
      this.#deadlines.queued();
      return outcome;
    }
    this.abort(outcome);
    return null;
  }

  #received(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.length;
    this.#deadlines.received();
    this.#inbox.receive(chunk);
  }

  #streamEnded(): void {
    this.#life.peerEnded();
    if (this.#life.receives) this.#inbox.receiveEnd();
  }

  #peerEndConsumed(): void {
    this.#consumedAll = true;
    try {
      this.onEnd?.();
    } finally {
      const { stage } = this.#life;
      if (!this.#allowHalfOpen || stage === "ended") void this.close();
      else if (stage === "open") this.#inbox.finish(undefined, false);
    }
  }

  #tookBytes(): void {
    this.#deadlines.took();
    const drained = this.#outbox.tookBytes();
    if (!this.open) this.#life.closeIfFlushed();
    else if (drained) this.onDrain?.();
  }

  #inboxChanged(): void {
    if (!this.#inbox.behind) this.#life.delivered();
    if (!this.#life.receives) return;
    this.#deadlines.read();
    if (this.#inbox.wantsBytes) this.#stream.resume();
    else this.#stream.pause();
  }

  #closedError(): ConnectionError {
    const got = this.#life.stage === "ended" ? "one that was ended" : "a closed one";
    const { error } = this.#life;
    const cause = error === undefined ? {} : { cause: error };
    return new ConnectionError("ERR_CONNECTION_CLOSED", `send: expected an open connection, got ${got}`, cause);
  }
}
