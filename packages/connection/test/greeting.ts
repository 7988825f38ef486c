import type { ByteStream, ByteStreamHandlers } from "@p2pnet/stream";
import type { Upgrade, UpgradeContext, Upgraded } from "../src/index.js";
import { bytes, text } from "./bytes.js";

/** An upgrade of one byte each way: each says its letter, and from then on all bytes are turned over. */
export function greeting(letter: string, seen: UpgradeContext[] = []): Upgrade<string> {
  return (stream, context) => {
    seen.push(context);
    return new Promise((resolve, reject) => new Greeted(stream, letter, resolve, reject));
  };
}

/** An upgrade that says nothing, and waits until the other side has gone. */
export const silence: Upgrade<string> = (stream) =>
  new Promise((_, reject) => {
    const gone = (): void => reject(new Error("gone"));
    stream.start({ onData: () => {}, onEnd: gone, onDrain: () => {}, onError: gone });
    stream.resume();
  });

class Greeted implements ByteStream, ByteStreamHandlers {
  readonly #stream: ByteStream;
  readonly #resolve: (upgraded: Upgraded<string>) => void;
  readonly #reject: (error: Error) => void;
  #handlers: ByteStreamHandlers | null = null;
  #greeted = false;
  /** What had come behind the greeting. */
  #rest: Uint8Array | null = null;

  constructor(
    stream: ByteStream,
    letter: string,
    resolve: (upgraded: Upgraded<string>) => void,
    reject: (error: Error) => void,
  ) {
    this.#stream = stream;
    this.#resolve = resolve;
    this.#reject = reject;
    stream.start(this);
    stream.write(bytes(letter));
    stream.resume();
  }

  onData(chunk: Uint8Array): void {
    if (this.#greeted) return this.#handlers!.onData(turnedOver(chunk));
    const letter = text(chunk.subarray(0, 1));
    if (letter === "?") return this.#reject(new Error("not welcome"));
    this.#greeted = true;
    this.#stream.pause();
    if (chunk.length > 1) this.#rest = turnedOver(chunk.subarray(1));
    this.#resolve({ stream: this, peer: letter });
  }

  onEnd(): void {
    if (this.#greeted) this.#handlers?.onEnd();
    else this.#reject(new Error("gone"));
  }

  onDrain(): void {
    this.#handlers?.onDrain();
  }

  onError(error: Error): void {
    if (this.#greeted) this.#handlers?.onError(error);
    else this.#reject(error);
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  get bytesWritten(): number {
    return this.#stream.bytesWritten;
  }

  start(handlers: ByteStreamHandlers): void {
    this.#handlers = handlers;
  }

  write(chunk: Uint8Array): void {
    this.#stream.write(turnedOver(chunk));
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) queueMicrotask(() => this.#handlers?.onData(rest));
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  close(): void {
    this.#stream.close();
  }

  abort(): void {
    this.#stream.abort();
  }
}

function turnedOver(chunk: Uint8Array): Uint8Array {
  return chunk.map((byte) => byte ^ 0xff);
}
