import { NEVER } from "./never.js";

/** What a reader tells of the frame that it waits for. */
export interface FrameProgress {
  /** Whether it waits for the rest of a frame whose first byte has come. */
  readonly waitsInFrame: boolean;
  /** Messages that came before that frame. */
  readonly messages: number;
  /** Payload bytes of the frame once its header is complete, and 0 before. */
  readonly frameLength: number;
}

/** When the frame under way has to be complete. Bytes that trickle in renew nothing; what the reader does not want waits. */
export class FrameDeadline {
  /** Milliseconds on the clock; `NEVER` while no frame is waited for. */
  at: number = NEVER;
  readonly #timeoutMs: number;
  readonly #bytesPerMs: number;
  /** Which frame it is: how many messages came before it. */
  #frame = -1;
  #length = 0;
  /** What it was given, and what it has left while nobody waits for it. */
  #allowedMs = 0;
  #leftMs = 0;

  /** @param timeoutMs 0 for no deadline. @param bytesPerSecond for which a long frame gets more time */
  constructor(timeoutMs: number, bytesPerSecond: number) {
    this.#timeoutMs = timeoutMs;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** The time that the frame was given, in milliseconds. */
  get allowedMs(): number {
    return Math.ceil(this.#allowedMs);
  }

  /** Looks again at the reader, which may have read, paused or gone on. */
  follow(reader: FrameProgress, clock: { readonly now: number }): void {
    if (this.#timeoutMs === 0) return;
    if (reader.waitsInFrame) this.#waits(reader, clock);
    else if (this.at !== NEVER) this.#rests(clock.now);
  }

  #waits(reader: FrameProgress, clock: { readonly now: number }): void {
    if (reader.messages !== this.#frame) this.#begin(reader.messages);
    if (this.at === NEVER) this.at = clock.now + this.#leftMs;
    if (this.#length > 0) return;
    this.#length = reader.frameLength;
    this.#allowedMs += this.#length / this.#bytesPerMs;
    this.at += this.#length / this.#bytesPerMs;
  }

  #begin(frame: number): void {
    this.#frame = frame;
    this.#length = 0;
    this.#allowedMs = this.#timeoutMs;
    this.#leftMs = this.#timeoutMs;
    this.at = NEVER;
  }

  #rests(now: number): void {
    this.#leftMs = Math.max(0, this.at - now);
    this.at = NEVER;
  }
}
