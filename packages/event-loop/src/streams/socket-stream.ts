import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { type ByteStream, type ByteStreamHandlers, StreamError } from "@p2pnet/stream";
import { isSystemError } from "@p2pnet/sys";
import { READABLE, WRITABLE } from "../interest.js";
import { type ReadinessHandlers, Watch } from "../watch.js";
import type { Flushable, StreamLoop } from "./stream-loop.js";
import type { WriteQueue } from "./write-queue.js";

/** When this many bytes wait, they are offered to the system at once instead of at the turn's end. */
const EAGER_FLUSH_BYTES = 65_536;
/** Sends in one go. A peer that takes bytes as fast as they come must not hold the turn. */
const SENDS_AT_ONCE = 16;

/**
 * A connected socket as a `ByteStream`. Owns the socket. One receive per readiness, so that no peer holds a turn; what a
 * turn writes is gathered and sent when the turn ends. It is its own registration, an object less for each connection.
 */
export class SocketStream extends Watch implements ByteStream, ReadinessHandlers, Flushable {
  bytesWritten = 0;
  readonly #loop: StreamLoop;
  #user: ByteStreamHandlers | null = null;
  /** Held while bytes wait. */
  #queue: WriteQueue | null = null;
  #input: "paused" | "flowing" | "ended" = "paused";
  #output: "open" | "ending" | "ended" = "open";
  #blocked = false;
  #closed = false;
  #flushPending = false;
  /** The queue shrank, and `onDrain` has not said so yet. */
  #drained = false;
  /** A write failed inside a call made on the stream: told when the turn ends, or when what came before it is read. */
  #failure: Error | null = null;

  constructor(loop: StreamLoop, socket: Socket) {
    super(socket);
    this.#loop = loop;
    loop.register(this);
  }

  /** @internal for the loop */
  get handlers(): ReadinessHandlers {
    return this;
  }

  get bufferedBytes(): number {
    return this.#queue === null ? 0 : this.#queue.length;
  }

  /** @throws StreamError `ERR_STREAM_STARTED` */
  start(handlers: ByteStreamHandlers): void {
    if (this.#user !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    if (this.#closed) return;
    this.#user = handlers;
    this.#updateInterest();
    // Before there was anyone to tell, sends may have gone out or failed.
    if (this.#drained || this.#failure !== null) this.#requestFlush();
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#output !== "open" || this.#failure !== null) return;
    this.#queue ??= this.#loop.queues.take();
    this.#queue.push(bytes);
    if (this.#queue.length >= EAGER_FLUSH_BYTES && !this.#blocked) this.#send(this.#queue);
    if (!this.#flushPending) this.#requestFlush();
  }

  offer(): void {
    if (!this.#blocked || this.#queue === null) return;
    this.#blocked = false;
    this.#send(this.#queue);
    this.#requestFlush();
    this.#updateInterest();
  }

  pause(): void {
    if (this.#input !== "flowing") return;
    this.#input = "paused";
    this.#updateInterest();
    if (this.#failure !== null) this.#requestFlush();
  }

  resume(): void {
    if (this.#input !== "paused") return;
    this.#input = "flowing";
    this.#updateInterest();
  }

  end(): void {
    if (this.#closed || this.#output !== "open") return;
    this.#output = "ending";
    this.#requestFlush();
  }

  close(): void {
    if (this.#closed) return;
    this.#release();
    this.socket.close();
  }

  abort(): void {
    if (this.#closed) return;
    this.#release();
    this.socket.abort();
  }

  /** @internal called by the loop */
  onReadable(): void {
    const memory = this.#loop.receiveMemory;
    const length = this.socket.recvInto(memory, 0, memory.bytes.length);
    if (length > 0) return this.#user?.onData(new Uint8Array(this.#loop.receiveBuffer, 0, length));
    if (length === WOULD_BLOCK) return;
    if (this.#failure !== null) return this.#fail(this.#failure);
    // The end stays readable for ever: stop asking.
    this.#input = "ended";
    this.#updateInterest();
    this.#user?.onEnd();
  }

  /** @internal called by the loop */
  onWritable(): void {
    this.#blocked = false;
    this.#requestFlush();
    this.#updateInterest();
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    if (this.#user === null) this.#failed(error);
    else this.#fail(error);
  }

  /** @internal called by the loop when the turn ends */
  flush(): void {
    this.#flushPending = false;
    if (this.#closed) return;
    if (this.#queue !== null && !this.#blocked && this.#failure === null) this.#send(this.#queue);
    if (this.#output === "ending" && this.#queue === null && this.#failure === null) this.#sendEnd();
    if (this.#user === null) return;
    if (this.#failure !== null && !this.#readsOn(this.#failure)) return this.#fail(this.#failure);
    if (!this.#drained) return;
    this.#drained = false;
    this.#user.onDrain();
  }

  /** Offers what waits to the system until it wants no more; then the socket is watched for room. */
  #send(queue: WriteQueue): void {
    try {
      for (let sends = 0; queue.length > 0 && !this.#blocked; sends++) {
        if (sends === SENDS_AT_ONCE) return this.#requestFlush();
        const taken = queue.sendTo(this.socket);
        if (taken > 0) {
          this.bytesWritten += taken;
          this.#drained = true;
        }
        // A long queue goes out in several calls. A short call that left something means that the system is full.
        if (queue.length > 0 && taken < EAGER_FLUSH_BYTES) this.#blocked = true;
      }
      if (this.#blocked) this.#updateInterest();
      else this.#returnQueue();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #sendEnd(): void {
    this.#output = "ended";
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
    if (this.#input !== "flowing") return false;
    return isSystemError(failure) && ["ECONNRESET", "EPIPE", "ENOTCONN"].includes(failure.code);
  }

  #updateInterest(): void {
    if (this.#closed) return;
    const reads = this.#input === "flowing" && this.#user !== null;
    this.#loop.setInterest(this, (reads ? READABLE : 0) | (this.#blocked ? WRITABLE : 0));
  }

  #requestFlush(): void {
    if (this.#flushPending || this.#closed) return;
    this.#flushPending = true;
    this.#loop.atTurnEnd(this);
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    const user = this.#user;
    this.close();
    user?.onError(error);
  }

  #returnQueue(): void {
    if (this.#queue !== null) this.#loop.queues.give(this.#queue);
    this.#queue = null;
  }

  #release(): void {
    this.#closed = true;
    this.#returnQueue();
    this.#user = null;
    this.#loop.unwatch(this);
  }
}
