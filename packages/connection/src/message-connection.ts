import type { SocketAddress } from "@p2pnet/socket";
import type { ByteStream } from "@p2pnet/stream";
import { resetAt, unlessAborted } from "./abort.js";
import { ConnectionCore } from "./connection-core.js";
import type { ConnectionOptions } from "./connection-options.js";
import { type ConnectionHome, ConnectionProfile } from "./connection-profile.js";
import type { ConnectionStats } from "./connection-stats.js";
import { publishOpen } from "./diagnostics.js";
import { expectTimeout } from "./errors.js";
import type { MessageHandler, SliceHandler } from "./inbox.js";
import type { TransportName } from "./transports/transport.js";

/** What a connection knows beside its stream. */
export interface ConnectionContext<P = unknown> extends ConnectionHome {
  readonly localAddress?: SocketAddress | null;
  readonly remoteAddress?: SocketAddress | null;
  /** Who the peer has shown to be, for `connection.remotePeer`. */
  readonly remotePeer?: P | undefined;
  /** @internal In place of options and home: the connections of a server share it. */
  readonly profile?: ConnectionProfile;
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
  readonly localAddress: SocketAddress | null;
  readonly remoteAddress: SocketAddress | null;
  /** Who the peer has shown to be when the stream was upgraded; null without `upgrade`. */
  readonly remotePeer: P;
  readonly #core: ConnectionCore;

  /** @throws ConnectionError `ERR_OUT_OF_RANGE`; `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE` for bad `frame` options */
  constructor(stream: ByteStream, options: ConnectionOptions = {}, context: ConnectionContext<P> = {}) {
    const { localAddress = null, remoteAddress = null, remotePeer = null } = context;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
    this.remotePeer = remotePeer as P;
    const profile = context.profile ?? new ConnectionProfile(options, context);
    this.#core = new ConnectionCore(stream, profile, this);
    publishOpen(this);
  }

  /** What carries it, or null over a stream of the user's own. */
  get transport(): TransportName | null {
    return this.#core.profile.transport;
  }

  /** Resolves when the connection has ended, however it did. Never rejects. */
  get closed(): Promise<void> {
    return this.#core.closed;
  }

  /** Bytes queued: sent, and not yet taken by the system. */
  get bufferedBytes(): number {
    return this.#core.stream.bufferedBytes;
  }

  /**
   * Whether `send` copies messages of any length before it returns, and not only those up to `COPIED_WRITE_BYTES`: then a
   * message that is borrowed may be sent as it is. So it is where they are encrypted.
   */
  get copiesAll(): boolean {
    return this.#core.stream.copiesAll === true;
  }

  /** Whether messages may be sent. False from the first `end`, `close` or `abort`, or failure, on. */
  get open(): boolean {
    return this.#core.stage === "open";
  }

  /** The consumer of messages. @throws ConnectionError `ERR_CONSUMER_ATTACHED` when set beside `onSlice` or an iteration */
  get onMessage(): MessageHandler | null {
    return this.#core.inbox.handler;
  }

  set onMessage(handler: MessageHandler | null) {
    this.#core.inbox.handler = handler;
  }

  /**
   * The consumer of messages in place of `onMessage`, for whoever counts nanoseconds: it is told where a message was received, and no
   * object is made for it.
   *
   * @throws ConnectionError `ERR_CONSUMER_ATTACHED` when set beside `onMessage` or an iteration
   */
  get onSlice(): SliceHandler | null {
    return this.#core.inbox.sliceHandler;
  }

  set onSlice(handler: SliceHandler | null) {
    this.#core.inbox.sliceHandler = handler;
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
    return this.#core.send(message);
  }

  /**
   * As `send`, of the message in `bytes` from `start` to before `end`, without an object for it. What `onSlice` gives may be sent
   * like this if it is no longer than `COPIED_WRITE_BYTES`; a longer one is borrowed, and has to be copied first.
   *
   * @throws as `send`, and ConnectionError `ERR_OUT_OF_RANGE` unless `bytes` has that slice
   */
  sendSlice(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#core.sendSlice(bytes, start, end);
  }

  /** Resolves when the system has taken all sent so far, or the connection has ended. Rejects only with the signal's reason. */
  drained({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const drained = this.#core.drained();
    return signal === undefined ? drained : unlessAborted(drained, signal);
  }

  /** Delivers no more messages until `resume()`; the peer is slowed by TCP's own flow control. */
  pause(): void {
    this.#core.inbox.paused = true;
    this.#core.inboxChanged();
  }

  /** Goes on. Messages that have arrived are delivered before this returns, as many as one turn may deliver. */
  resume(): void {
    this.#core.inbox.paused = false;
  }

  /** What moved so far, how long ago the last byte did, and what waits. */
  stats(): ConnectionStats {
    return this.#core.stats();
  }

  /**
   * Finishes sending: what is queued is sent, then the peer is told that nothing follows. Receiving goes on; at the peer's
   * end the connection closes. A peer without `allowHalfOpen` sends what it has queued, and ends. Ending twice is allowed.
   */
  end(): void {
    this.#core.end();
  }

  /**
   * Ends gracefully: sends what is queued, tells the peer, discards what still comes until the peer's end (closing with
   * unread input would reset the connection and lose what was sent), then closes. After `drainTimeoutMs` it closes
   * anyway: with `ERR_DRAIN_TIMEOUT` and a reset if bytes were left. When `signal` is aborted it is reset, and `onClose` gets
   * the reason if that is an error. Resolves at the end; closing twice is allowed.
   *
   * @throws ConnectionError `ERR_OUT_OF_RANGE`
   */
  close(options: { drainTimeoutMs?: number; signal?: AbortSignal } = {}): Promise<void> {
    const { drainTimeoutMs, signal } = options;
    if (this.#core.stage === "closed") return this.closed;
    if (drainTimeoutMs !== undefined) expectTimeout("drainTimeoutMs", drainTimeoutMs, 0);
    this.#core.close(drainTimeoutMs);
    if (signal !== undefined) resetAt(signal, this);
    return this.closed;
  }

  /** Ends at once with a reset; what is queued is lost. `onClose` gets `error`. Aborting twice is allowed. */
  abort(error?: Error): void {
    this.#core.abort(error);
  }

  /**
   * Messages as they come. Leaving the loop closes the connection; a failure is thrown after what had arrived.
   *
   * @throws ConnectionError `ERR_CONSUMER_ATTACHED` beside `onMessage` or another iteration
   */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const iterator = this.#core.inbox.iterate();
    this.#core.inboxChanged();
    return iterator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal Whether the queue has reached the high-water mark. */
  get slow(): boolean {
    return this.bufferedBytes >= this.#core.profile.limits.highWaterMark;
  }

  /** @internal For `broadcast`: as `Sender` does. */
  frameOf(message: Uint8Array, like: Uint8Array | null): Uint8Array {
    return this.#core.frameOf(message, like);
  }

  /** @internal For `broadcast`: whether the frame was queued. */
  sendFrame(frame: Uint8Array): boolean {
    return this.#core.sendFrame(frame);
  }
}
