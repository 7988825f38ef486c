import { Socket } from "node:net";
import { type ByteStream, type ByteStreamHandlers, StreamError } from "@p2pnet/stream";
import { ConnectionError } from "../errors.js";
import { throwLater } from "../throw-later.js";
import { confirmEnd, resetSocket, untakenBytes } from "./node-socket.js";
import { NodeWriteQueue } from "./node-write-queue.js";

/**
 * A `ByteStream` over a socket of `node:net` or `node:tls`, such as one of a server of yours: give it to
 * `new MessageConnection(stream)`. The stream owns the socket from here on; nobody else may read, write or end it. A socket
 * that still connects may be written to. `abort` resets TCP; a Unix or TLS socket it just destroys, and the peer sees an end.
 *
 * @throws ConnectionError `ERR_INVALID_ARG_TYPE` if it is no `net.Socket`; `ERR_INVALID_ARG_VALUE` if it decodes text
 */
export function streamOverNodeSocket(socket: Socket): ByteStream {
  if (!(socket instanceof Socket)) {
    throw new ConnectionError("ERR_INVALID_ARG_TYPE", `socket: expected a net.Socket, got ${typeof socket}`);
  }
  if (socket.readableEncoding !== null) {
    const message = `socket: expected one that gives bytes, got one that decodes ${socket.readableEncoding}`;
    throw new ConnectionError("ERR_INVALID_ARG_VALUE", message);
  }
  return new NodeStream(socket);
}

/** Writes one batch after the other, each when the one before was taken: so progress is seen, and no peer holds a turn. */
class NodeStream implements ByteStream {
  readonly #socket: Socket;
  readonly #queue = new NodeWriteQueue();
  #handlers: ByteStreamHandlers | null = null;
  #reading = false;
  /** Bytes of the write under way. */
  #inFlight = 0;
  /** Bytes of the writes before it. */
  #taken = 0;
  #flushPlanned = false;
  #ending = false;
  #closed = false;
  /** What waits until the user reads: bytes that the socket had not given out when it failed, then the end or failure. */
  #unread: Uint8Array | null = null;
  #endWaits = false;
  #failure: Error | null = null;
  #failureWaits = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#endWaits = socket.readableEnded;
    socket.allowHalfOpen = true;
    socket.pause();
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => this.#socketClosed());
    if (socket.destroyed) process.nextTick(() => this.#socketClosed());
  }

  get bufferedBytes(): number {
    return this.#queue.length + this.#untaken;
  }

  get bytesWritten(): number {
    return this.#taken + this.#inFlight - this.#untaken;
  }

  get #untaken(): number {
    return this.#inFlight === 0 ? 0 : untakenBytes(this.#socket, this.#inFlight);
  }

  /** @throws StreamError `ERR_STREAM_STARTED` */
  start(handlers: ByteStreamHandlers): void {
    if (this.#handlers !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    if (this.#closed) return;
    this.#handlers = handlers;
    if (this.#taken > 0) process.nextTick(() => this.#tell((to) => to.onDrain()));
    this.#tellWaitingSoon();
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    if (this.#failure !== null) {
      // Who writes is to know, although it does not read.
      this.#failureWaits = false;
      return this.#tellWaitingSoon();
    }
    this.#queue.push(bytes);
    if (this.#inFlight === 0) this.#planFlush(process.nextTick);
  }

  pause(): void {
    if (this.#closed) return;
    this.#reading = false;
    this.#socket.pause();
  }

  resume(): void {
    if (this.#closed) return;
    this.#reading = true;
    this.#socket.resume();
    this.#tellWaitingSoon();
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    if (this.#inFlight === 0) this.#planFlush(process.nextTick);
  }

  close(): void {
    if (this.#closed) return;
    this.#release();
    this.#socket.destroy();
  }

  abort(): void {
    if (this.#closed) return;
    this.#release();
    resetSocket(this.#socket);
  }

  #planFlush(plan: (flush: () => void) => void): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    plan(() => this.#flush());
  }

  #flush(): void {
    this.#flushPlanned = false;
    if (this.#closed || this.#failure !== null) return;
    const batch = this.#queue.take();
    if (batch.length > 0) {
      this.#inFlight = batch.length;
      this.#socket.write(batch, (error) => this.#written(error));
    } else if (this.#ending) {
      this.#socket.end();
    }
  }

  #written(error: Error | null | undefined): void {
    if (this.#closed || error) return; // The socket's "error" tells.
    this.#taken += this.#inFlight;
    this.#inFlight = 0;
    // In Node's next turn: who takes all at once must not keep the others waiting.
    if (this.#queue.length > 0 || this.#ending) this.#planFlush(setImmediate);
    this.#tell((to) => to.onDrain());
  }

  #received(chunk: Buffer): void {
    if (this.#failure === null) this.#tell((to) => to.onData(plainBytes(chunk)));
  }

  #ended(): void {
    if (this.#inFlight > 0 || this.#ending) return this.#endFound();
    confirmEnd(this.#socket, () => this.#endFound());
  }

  #endFound(): void {
    this.#endWaits = true;
    this.#tellWaiting();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#closed || this.#failure !== null) return;
    // As the system does: who neither reads nor writes does not hear of a reset until it does.
    this.#failureWaits = error.syscall === "read" && this.bufferedBytes === 0;
    this.#failure = error;
    const unread: Buffer | null = this.#socket.read();
    if (unread !== null) this.#unread = plainBytes(unread);
    this.#tellWaiting();
  }

  #socketClosed(): void {
    const { errored, readableEnded, writableFinished } = this.#socket;
    if (readableEnded && writableFinished) return;
    const early = Object.assign(new Error("socket: expected an open one, got one that was destroyed"), {
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
    this.#failed(errored ?? early);
  }

  #tellWaitingSoon(): void {
    if (this.#endWaits || this.#failure !== null) process.nextTick(() => this.#tellWaiting());
  }

  #tellWaiting(): void {
    if (this.#handlers === null) return;
    const unread = this.#unread;
    if (this.#reading && unread !== null) {
      this.#unread = null;
      this.#tell((to) => to.onData(unread));
    }
    const failure = this.#failure;
    if (failure !== null) {
      if (this.#reading || !this.#failureWaits) this.#fail(failure);
    } else if (this.#endWaits && this.#reading) {
      this.#endWaits = false;
      this.#tell((to) => to.onEnd());
    }
  }

  #fail(failure: Error): void {
    const handlers = this.#handlers;
    this.close();
    if (handlers !== null) call(() => handlers.onError(failure));
  }

  #tell(event: (handlers: ByteStreamHandlers) => void): void {
    const handlers = this.#handlers;
    if (handlers !== null) call(() => event(handlers));
  }

  #release(): void {
    const taken = this.bytesWritten;
    this.#taken = taken;
    this.#inFlight = 0;
    this.#queue.clear();
    this.#closed = true;
    this.#handlers = null;
    this.#unread = null;
  }
}

/** A handler that throws must not harm the socket that called it. */
function call(handler: () => void): void {
  try {
    handler();
  } catch (error) {
    throwLater(error);
  }
}

/** A `Buffer`'s `slice` shares memory, where a `Uint8Array`'s copies: users are told of a `Uint8Array`. */
function plainBytes(chunk: Buffer): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}
