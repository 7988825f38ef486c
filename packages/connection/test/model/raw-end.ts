import { encodeFrame } from "@p2pnet/framing";
import type { ByteStream } from "@p2pnet/stream";
import { pattern } from "../bytes.js";
import { RawPeer } from "../raw-peer.js";
import type { Side } from "./side.js";
import type { SidedAction } from "./steps.js";

/** An end that moves bytes by hand: it may cut frames, and vanish. */
export class RawEnd implements Side {
  /** Messages whose last byte was written. */
  sent: Uint8Array[] = [];
  finished = false;
  gaveUp = false;
  readonly settled = true;
  readonly halfOpen = false;
  readonly #peer: RawPeer;
  /** Where the frames of `sent` end among the bytes that were written. */
  readonly #ends: number[] = [];
  /** A message that was sent in part, and the bytes of its frame that are kept back. */
  #begun: Uint8Array | null = null;
  #rest: Uint8Array = new Uint8Array(0);
  #written = 0;

  constructor(stream: ByteStream) {
    this.#peer = new RawPeer(stream);
  }

  get cut(): boolean {
    return this.finished && this.#written > (this.#ends[this.sent.length - 1] ?? 0);
  }

  send(size: number): void {
    this.#begin(size, HEADER_AND_ALL);
    this.#finishBegun();
  }

  part(size: number): void {
    this.#begin(size, size);
  }

  act(action: SidedAction): void {
    const { stream } = this.#peer;
    if (action === "pause" || action === "resume") stream[action]();
    if (action === "abort") this.#abort();
    if (action === "close") this.#close();
    if (action === "end") this.#end();
  }

  closeUnread(): void {}

  takeAll(): void {
    this.#peer.stream.resume();
  }

  check(): void {}

  checkEnd(): void {}

  #begin(size: number, bytesNow: number): void {
    if (this.finished || this.gaveUp) return;
    this.#finishBegun();
    const message = pattern(size, this.sent.length);
    const frame = encodeFrame(message);
    this.#begun = message;
    this.#rest = frame.subarray(bytesNow);
    this.#write(frame.subarray(0, bytesNow));
  }

  #finishBegun(): void {
    if (this.#begun === null || this.finished || this.gaveUp) return;
    this.#write(this.#rest);
    this.sent.push(this.#begun);
    this.#ends.push(this.#written);
    this.#begun = null;
  }

  #write(bytes: Uint8Array): void {
    this.#peer.stream.write(bytes);
    this.#written += bytes.length;
  }

  #end(): void {
    this.finished = true;
    this.#peer.stream.end();
  }

  #abort(): void {
    this.gaveUp = true;
    this.#peer.stream.abort();
  }

  /** What the stream still holds is lost, and unread input may make it a reset. */
  #close(): void {
    const { stream } = this.#peer;
    if (this.gaveUp) return;
    this.finished = true;
    this.gaveUp = true;
    this.#written = stream.bytesWritten;
    this.sent = this.sent.filter((_, i) => this.#ends[i]! <= this.#written);
    stream.close();
  }
}

const HEADER_AND_ALL = Number.POSITIVE_INFINITY;
