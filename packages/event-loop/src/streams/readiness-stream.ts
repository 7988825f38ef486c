import { WOULD_BLOCK } from "@p2pnet/socket";
import { READABLE, WRITABLE } from "../interest.js";
import type { ReadinessHandlers } from "../watch.js";
import { EAGER_FLUSH_BYTES, SocketStream } from "./socket-stream.js";
import type { WriteQueue } from "./write-queue.js";

/** Sends in one go. A peer that takes bytes as fast as they come must not hold the turn. */
const SENDS_AT_ONCE = 16;

/** A stream over readiness, with any backend: one receive when its socket is readable, sends when there is room. */
export class ReadinessStream extends SocketStream implements ReadinessHandlers {
  /** @internal for the loop */
  get handlers(): ReadinessHandlers {
    return this;
  }

  /** @internal called by the loop */
  onReadable(): void {
    const { receiveMemory } = this.loop;
    const { native } = receiveMemory;
    const length = this.socket.recvInto(native, 0, native.bytes.length);
    if (length > 0) return this.user?.onData(receiveMemory.chunk(length));
    if (length !== WOULD_BLOCK) this.ended();
  }

  /** @internal called by the loop */
  onWritable(): void {
    this.blocked = false;
    this.requestFlush();
    this.updateInterest();
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    if (this.user === null) this.failed(error);
    else this.fail(error);
  }

  /** Sends until the system wants no more; then the socket is watched for room. */
  protected override send(queue: WriteQueue): void {
    try {
      for (let sends = 0; queue.length > 0 && !this.blocked; sends++) {
        if (sends === SENDS_AT_ONCE) return this.requestFlush();
        const taken = queue.sendTo(this.socket);
        if (taken > 0) this.sent(taken);
        // A long queue goes out in several calls. A short call that left something means that the system is full.
        if (queue.length > 0 && taken < EAGER_FLUSH_BYTES) this.blocked = true;
      }
      if (this.blocked) this.updateInterest();
      else this.returnQueue();
    } catch (error) {
      this.failed(error as Error);
    }
  }

  protected override updateInterest(): void {
    if (this.closed) return;
    const reads = this.input === "flowing" && this.user !== null;
    this.loop.setInterest(this, (reads ? READABLE : 0) | (this.blocked ? WRITABLE : 0));
  }
}
