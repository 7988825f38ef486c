import { type ByteStream, type ByteStreamHandlers, StreamError } from "@p2pnet/stream";
import type { BlockPool } from "../ciphers/block-pool.js";
import type { Opener } from "./opener.js";
import type { Sealer } from "./sealer.js";

/** What a session is made of. */
export interface SecureStreamParts {
  readonly stream: ByteStream;
  readonly sealer: Sealer;
  readonly opener: Opener;
  readonly receiveBlocks: BlockPool;
  /** Whether both sides mark their end with a message, so that a cut is noticed. */
  readonly marksEnd: boolean;
}

/**
 * A byte stream whose bytes go encrypted over another. `write` copies, always. Writes are sealed together: at the end of
 * the `onData` they were made in, or in a microtask.
 */
export class SecureStream implements ByteStream, ByteStreamHandlers {
  readonly copiesAll = true;
  readonly #stream: ByteStream;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #blocks: BlockPool;
  readonly #marksEnd: boolean;
  #handlers: ByteStreamHandlers | null = null;
  #reading = false;
  #delivering = false;
  #deliveryPlanned = false;
  #flushPlanned = false;
  /** `bufferedBytes` as the user may have seen it when it last shrank. */
  #toldBytes = 0;
  #ending = false;
  #peerEnded = false;
  #endTold = false;
  #closed = false;
  /** Waits for `start`. */
  #failure: Error | null = null;

  constructor({ stream, sealer, opener, receiveBlocks, marksEnd }: SecureStreamParts) {
    this.#stream = stream;
    this.#sealer = sealer;
    this.#opener = opener;
    this.#blocks = receiveBlocks;
    this.#marksEnd = marksEnd;
  }

  get bufferedBytes(): number {
    const { bufferedBytes } = this.#sealer;
    if (bufferedBytes > 0 || !this.#ending || !this.#marksEnd || this.#closed) return bufferedBytes;
    // The mark of our end is no byte of the user's. It counts as one: who waits until all is taken waits for it, too.
    return Math.min(1, this.#stream.bufferedBytes);
  }

  get bytesWritten(): number {
    return this.#sealer.takenBytes;
  }

  /** @throws StreamError `ERR_STREAM_STARTED` */
  start(handlers: ByteStreamHandlers): void {
    if (this.#handlers !== null) {
      throw new StreamError("ERR_STREAM_STARTED", "stream: expected one without handlers, got one that was started");
    }
    this.#handlers = handlers;
    if (this.#failure !== null) queueMicrotask(() => this.#tellFailure());
    else this.#planDelivery();
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    this.#guard(() => this.#sealer.write(bytes));
    this.#toldBytes = Math.max(this.#toldBytes, this.#sealer.bufferedBytes);
    if (!this.#delivering) this.#planFlush();
  }

  offer(): void {
    if (!this.#closed) this.#stream.offer?.();
  }

  pause(): void {
    this.#reading = false;
    this.#stream.pause();
  }

  resume(): void {
    if (this.#closed) return;
    this.#reading = true;
    this.#stream.resume();
    this.#planDelivery();
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#guard(() => (this.#marksEnd ? this.#sealer.sendEmpty() : this.#sealer.flush()));
    this.#toldBytes = Math.max(this.#toldBytes, this.bufferedBytes);
    this.#stream.end();
  }

  close(): void {
    this.#release(() => this.#stream.close());
  }

  abort(): void {
    this.#release(() => this.#stream.abort());
  }

  onData(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#opener.push(chunk);
    try {
      this.#deliver();
    } finally {
      this.#opener.retain();
    }
  }

  onEnd(): void {
    this.#peerEnded = true;
    this.#deliver();
  }

  onDrain(): void {
    const { bufferedBytes } = this;
    if (bufferedBytes >= this.#toldBytes) return;
    this.#toldBytes = bufferedBytes;
    this.#handlers?.onDrain();
  }

  onError(error: Error): void {
    this.#fail(error);
  }

  #planDelivery(): void {
    if (this.#deliveryPlanned || this.#handlers === null || !this.#reading) return;
    this.#deliveryPlanned = true;
    queueMicrotask(() => {
      this.#deliveryPlanned = false;
      this.#deliver();
    });
  }

  /** Gives what has arrived, then the end or what failed; in the order in which the peer sent it. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    const block = this.#blocks.take();
    let finished = false;
    try {
      while (this.#reading && !this.#closed && this.#handlers !== null) {
        const length = this.#opener.open(block);
        if (length > 0) this.#handlers.onData(block.bytes.subarray(0, length));
        else if (this.#opener.failure === null) break;
        if (this.#opener.failure !== null) this.#fail(this.#opener.failure);
      }
      finished = true;
    } finally {
      this.#blocks.give(block);
      this.#delivering = false;
      this.#flush();
      // After a handler that threw: what it did not see still has to come.
      if (!finished) this.#planDelivery();
    }
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (!this.#peerEnded || this.#endTold || !this.#reading || this.#closed || this.#handlers === null) return;
    this.#endTold = true;
    const failure = this.#opener.end();
    if (failure !== null) this.#fail(failure);
    else this.#handlers.onEnd();
  }

  #planFlush(): void {
    if (this.#flushPlanned || this.#sealer.waitingBytes === 0) return;
    this.#flushPlanned = true;
    queueMicrotask(() => {
      this.#flushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#closed) this.#guard(() => this.#sealer.flush());
  }

  /** Sealing fails when nonces are used up: that ends the stream, and is told later, not to whoever writes. */
  #guard(seal: () => void): void {
    try {
      seal();
    } catch (error) {
      this.#release(() => this.#stream.abort());
      this.#failure = error as Error;
      queueMicrotask(() => this.#tellFailure());
    }
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#release(() => this.#stream.abort());
    this.#failure = error;
    this.#tellFailure();
  }

  #tellFailure(): void {
    const failure = this.#failure;
    if (failure === null || this.#handlers === null) return;
    this.#failure = null;
    this.#handlers.onError(failure);
  }

  #release(stop: () => void): void {
    this.#failure = null;
    if (this.#closed) return;
    this.#closed = true;
    this.#reading = false;
    this.#sealer.close();
    this.#opener.close();
    stop();
  }
}
