import type { ByteStream } from "@p2pnet/stream";
import { NEVER } from "./never.js";

/** When the system has to have taken another of the bytes that wait. */
export class WriteDeadline {
  /** Milliseconds on the clock; `NEVER` while nothing waits. */
  at: number = NEVER;
  readonly #stream: ByteStream;
  readonly #timeoutMs: number;
  /** Bytes that the system had taken when the deadline was last put off. */
  #taken = 0;

  /** @param timeoutMs 0 for no deadline */
  constructor(stream: ByteStream, timeoutMs: number) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs === 0 ? NEVER : timeoutMs;
  }

  /** The first bytes were queued. */
  start(clock: { readonly now: number }): void {
    if (this.#timeoutMs !== NEVER) this.#putOff(clock.now);
  }

  /** The system took bytes. */
  took(now: number): void {
    if (this.#stream.bufferedBytes === 0) this.at = NEVER;
    else this.#putOff(now);
  }

  /** Whether it has passed. What the stream took without a word counts, and what it can take now. */
  hasPassed(now: number): boolean {
    if (this.at > now) return false;
    this.#stream.offer?.();
    if (this.#stream.bufferedBytes === 0 || this.#stream.bytesWritten > this.#taken) {
      this.took(now);
      return false;
    }
    return true;
  }

  #putOff(now: number): void {
    this.#taken = this.#stream.bytesWritten;
    this.at = now + this.#timeoutMs;
  }
}
