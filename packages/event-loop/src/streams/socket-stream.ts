import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { type ByteStream, type ByteStreamHandlers, StreamError } from "@p2pnet/stream";
import { isSystemError } from "@p2pnet/sys";
import { READABLE, WRITABLE } from "../interest.js";
import type { ReadinessHandlers, Watch } from "../watch.js";
import type { Flushable, StreamLoop } from "./stream-loop.js";
import { WriteQueue } from "./write-queue.js";

/** When this many bytes wait, they are offered to the system at once instead of at the turn's end. */
const EAGER_FLUSH_BYTES = 65_536;
/** Sends in one go. A peer that takes bytes as fast as they come must not hold the turn. */
const SENDS_AT_ONCE = 16;

/**
 * A connected socket as a `ByteStream`. Owns the socket. One receive per readiness, so that no peer holds a turn; what a
 * turn writes is gathered and sent when the turn ends.
 */
export class SocketStream implements ByteStream, ReadinessHandlers, Flushable {
  readonly socket: Socket;
  bytesWritten = 0;
  readonly #loop: StreamLoop;
  readonly #queue: WriteQueue;
  readonly #watch: Watch;
  #handlers: ByteStreamHandlers | null = null;
  #reading = false;
  #blocked = false;
  #ending = false;
  #endSent = false;
  #endReceived = false;
  #closed = false;
  #flushPending = false;
  /** The queue shrank, and `onDrain` has not said so yet. */
  #drained = false;
  /** A write failed inside a call made on the stream: told when the turn ends, or when what came before it is read. */
  #failure: Error | null = null;

  constructor(loop: StreamLoop, socket: Socket) {
    this.#loop = loop;
    this.socket = socket;
    this.#queue = new WriteQueue(loop.blocks, loop.gather);
    this.#watch = loop.watch(socket, this, 0);
  }

  get bufferedBytes(): number {
    return this.#queue.length;
  }

  /** @throws StreamError `ERR_STREAM_STARTED` */
  start(handlers: ByteStreamHandlers): void {
    if (this.#handlers !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    if (this.#closed) return;
    this.#handlers = handlers;
    this.#updateInterest();
    // Before there was anyone to tell, sends may have gone out or failed.
    if (this.#drained || this.#failure !== null) this.#requestFlush();
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ending || this.#failure !== null) return;
    this.#queue.push(bytes);
    if (this.#queue.length >= EAGER_FLUSH_BYTES && !this.#blocked) this.#send();
    this.#requestFlush();
  }

  offer(): void {
    if (!this.#blocked || this.#closed) return;
    this.#blocked = false;
    this.#send();
    this.#requestFlush();
    this.#updateInterest();
  }

  pause(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.#updateInterest();
    if (this.#failure !== null) this.#requestFlush();
  }

  resume(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#updateInterest();
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#requestFlush();
  }

  close(): void {
    if (!this.#closed) this.#release(() => this.socket.close());
  }

  abort(): void {
    if (!this.#closed) this.#release(() => this.socket.abort());
  }

  /** @internal called by the loop */
  onReadable(): void {
    const memory = this.#loop.receiveMemory;
    const length = this.socket.recvInto(memory, 0, memory.bytes.length);
    if (length > 0) return this.#handlers?.onData(memory.bytes.subarray(0, length));
    if (length === WOULD_BLOCK) return;
    if (this.#failure !== null) return this.#fail(this.#failure);
    // The end stays readable for ever: stop asking.
    this.#endReceived = true;
    this.#updateInterest();
    this.#handlers?.onEnd();
  }

  /** @internal called by the loop */
  onWritable(): void {
    this.#blocked = false;
    this.#requestFlush();
    this.#updateInterest();
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    if (this.#handlers === null) this.#failed(error);
    else this.#fail(error);
  }

  /** @internal called by the loop when the turn ends */
  flush(): void {
    this.#flushPending = false;
    if (this.#closed) return;
    if (this.#queue.length > 0 && !this.#blocked && this.#failure === null) this.#send();
    if (this.#ending && this.#queue.length === 0 && this.#failure === null) this.#sendEnd();
    if (this.#handlers === null) return;
    if (this.#failure !== null && !this.#readsOn(this.#failure)) return this.#fail(this.#failure);
    if (!this.#drained) return;
    this.#drained = false;
    this.#handlers.onDrain();
  }

  /** Offers what waits to the system until it wants no more; then the socket is watched for room. */
  #send(): void {
    try {
      for (let sends = 0; this.#queue.length > 0 && !this.#blocked; sends++) {
        if (sends === SENDS_AT_ONCE) return this.#requestFlush();
        const taken = this.#queue.sendTo(this.socket);
        if (taken > 0) {
          this.bytesWritten += taken;
          this.#drained = true;
        }
        // A long queue goes out in several calls. A short call that left something means that the system is full.
        if (this.#queue.length > 0 && taken < EAGER_FLUSH_BYTES) this.#blocked = true;
      }
      if (this.#blocked) this.#updateInterest();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #sendEnd(): void {
    if (this.#endSent) return;
    this.#endSent = true;
    try {
      this.socket.shutdown("write");
    } catch (error) {
      // ENOTCONN: the peer has reset meanwhile, and the pending error says so better.
      this.#failed(this.socket.takeError() ?? (error as Error));
    }
  }

  #failed(error: Error): void {
    this.#failure = error;
    this.#blocked = false;
    this.#updateInterest();
  }

  /** Whether what the peer sent before it reset is read first. Its end comes for sure then, and tells the failure. */
  #readsOn(failure: Error): boolean {
    if (!this.#reading || this.#endReceived) return false;
    return isSystemError(failure) && ["ECONNRESET", "EPIPE", "ENOTCONN"].includes(failure.code);
  }

  #updateInterest(): void {
    if (this.#closed) return;
    const reads = this.#reading && this.#handlers !== null && !this.#endReceived;
    this.#loop.setInterest(this.#watch, (reads ? READABLE : 0) | (this.#blocked ? WRITABLE : 0));
  }

  #requestFlush(): void {
    if (this.#flushPending || this.#closed) return;
    this.#flushPending = true;
    this.#loop.atTurnEnd(this);
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    const handlers = this.#handlers;
    this.close();
    handlers?.onError(error);
  }

  #release(closeSocket: () => void): void {
    this.#closed = true;
    this.#queue.clear();
    this.#handlers = null;
    this.#loop.unwatch(this.#watch);
    closeSocket();
  }
}
