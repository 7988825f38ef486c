import type { Socket } from "@p2pnet/socket";
import { type ByteStream, type ByteStreamHandlers, StreamError } from "@p2pnet/stream";
import { isSystemError } from "@p2pnet/sys";
import { Watch } from "../watch.js";
import type { Flushable, StreamLoop } from "./stream-loop.js";
import type { WriteQueue } from "./write-queue.js";

/** When this many bytes wait, they are offered to the system at once instead of at the turn's end. */
export const EAGER_FLUSH_BYTES = 65_536;

/**
 * A connected socket as a `ByteStream`. Owns the socket. No peer holds a turn; what a turn writes is gathered and sent when the
 * turn ends. It is its own registration, an object less for each connection.
 *
 * This is what all streams have in common. How bytes are received and sent is a subclass's.
 */
export abstract class SocketStream extends Watch implements ByteStream, Flushable {
  bytesWritten = 0;
  protected readonly loop: StreamLoop;
  protected user: ByteStreamHandlers | null = null;
  /** Held while bytes wait. */
  protected queue: WriteQueue | null = null;
  protected input: "paused" | "flowing" | "ended" = "paused";
  #output: "open" | "ending" | "ended" = "open";
  protected blocked = false;
  protected closed = false;
  #flushPending = false;
  /** The queue shrank, and `onDrain` has not said so yet. */
  #drained = false;
  /** A write failed inside a call made on the stream: told when the turn ends, or when what came before it is read. */
  protected failure: Error | null = null;

  constructor(loop: StreamLoop, socket: Socket) {
    super(socket);
    this.loop = loop;
    loop.register(this);
  }

  get bufferedBytes(): number {
    return this.queue === null ? 0 : this.queue.length;
  }

  /** @throws StreamError `ERR_STREAM_STARTED` */
  start(handlers: ByteStreamHandlers): void {
    if (this.user !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    if (this.closed) return;
    this.user = handlers;
    this.updateInterest();
    // Before there was anyone to tell, sends may have gone out or failed.
    if (this.#drained || this.failure !== null) this.requestFlush();
  }

  write(bytes: Uint8Array): void {
    if (!this.#takesBytes()) return;
    this.queue ??= this.loop.queues.take();
    this.queue.push(bytes);
    this.#pushed(this.queue);
  }

  writeJoined(head: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#takesBytes()) return;
    this.queue ??= this.loop.queues.take();
    this.queue.pushJoined(head, bytes, start, end);
    this.#pushed(this.queue);
  }

  offer(): void {
    if (!this.blocked || this.queue === null) return;
    this.unblock();
    if (this.queue === null || this.blocked || this.failure !== null) return;
    this.send(this.queue);
    this.requestFlush();
    this.updateInterest();
  }

  pause(): void {
    if (this.input !== "flowing") return;
    this.input = "paused";
    this.updateInterest();
    if (this.failure !== null) this.requestFlush();
  }

  resume(): void {
    if (this.input !== "paused") return;
    this.input = "flowing";
    this.updateInterest();
  }

  end(): void {
    if (this.closed || this.#output !== "open") return;
    this.#output = "ending";
    this.requestFlush();
  }

  close(): void {
    if (this.closed) return;
    this.release();
    this.socket.close();
  }

  abort(): void {
    if (this.closed) return;
    this.release();
    this.socket.abort();
  }

  /** @internal called by the loop when the turn ends */
  flush(): void {
    this.#flushPending = false;
    if (this.closed) return;
    if (this.queue !== null && !this.blocked && this.failure === null) this.send(this.queue);
    if (this.#output === "ending" && this.queue === null && this.failure === null) this.#sendEnd();
    if (this.user === null) return;
    if (this.failure !== null && !this.#readsOn(this.failure)) return this.fail(this.failure);
    this.tellDrain();
  }

  /** Tells that the system took bytes, if it did. */
  protected tellDrain(): void {
    if (!this.#drained || this.user === null) return;
    this.#drained = false;
    this.user.onDrain();
  }

  /** Something is to happen once nothing waits any more. */
  protected get isEnding(): boolean {
    return this.#output === "ending";
  }

  /** What is read, or whether the socket waits for room, has changed. */
  protected abstract updateInterest(): void;

  /** Offers what waits to the system. `blocked` says that it waits for it. */
  protected abstract send(queue: WriteQueue): void;

  /** Has it not wait any more, so that it can be offered anew. */
  protected unblock(): void {
    this.blocked = false;
  }

  /** As `send`, in the middle of a turn. */
  protected sendAtOnce(queue: WriteQueue): void {
    this.send(queue);
  }

  /** The system took so many bytes. */
  protected sent(count: number): void {
    this.bytesWritten += count;
    this.#drained = true;
  }

  /** The peer has finished, or its reset was taken by a write that failed. */
  protected ended(): void {
    if (this.failure !== null) return this.fail(this.failure);
    // The end stays readable for ever: stop asking.
    this.input = "ended";
    this.updateInterest();
    this.user?.onEnd();
  }

  #takesBytes(): boolean {
    return !this.closed && this.#output === "open" && this.failure === null;
  }

  #pushed(queue: WriteQueue): void {
    if (queue.length >= EAGER_FLUSH_BYTES && !this.blocked) this.sendAtOnce(queue);
    if (!this.#flushPending) this.requestFlush();
  }

  #sendEnd(): void {
    this.#output = "ended";
    try {
      this.socket.shutdown("write");
    } catch (error) {
      // ENOTCONN: the peer has reset meanwhile, and the pending error says so better.
      this.failed(this.socket.takeError() ?? (error as Error));
    }
  }

  protected failed(error: Error): void {
    this.failure = error;
    this.blocked = false;
    this.updateInterest();
  }

  /** Whether what the peer sent before it reset is read first. Its end comes for sure then, and tells the failure. */
  #readsOn(failure: Error): boolean {
    if (this.input !== "flowing") return false;
    return isSystemError(failure) && ["ECONNRESET", "EPIPE", "ENOTCONN"].includes(failure.code);
  }

  protected requestFlush(): void {
    if (this.#flushPending || this.closed) return;
    this.#flushPending = true;
    this.loop.atTurnEnd(this);
  }

  protected fail(error: Error): void {
    if (this.closed) return;
    const user = this.user;
    this.close();
    user?.onError(error);
  }

  protected returnQueue(): void {
    if (this.queue !== null) this.loop.queues.give(this.queue);
    this.queue = null;
  }

  protected release(): void {
    this.closed = true;
    this.returnQueue();
    this.user = null;
    this.loop.unwatch(this);
  }
}
