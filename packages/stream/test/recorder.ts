import type { ByteStreamHandlers } from "../src/byte-stream.js";

/** How long a test waits for what must come. */
const LIMIT_MS = 20_000;

/** Handlers that keep what they are told. */
export class Recorder implements ByteStreamHandlers {
  /** Copies of the chunks. */
  readonly chunks: Uint8Array[] = [];
  ends = 0;
  drains = 0;
  readonly errors: Error[] = [];
  /** Called after each event, with its name. */
  onEvent: ((name: "data" | "end" | "drain" | "error") => void) | null = null;
  #waiting: (() => void) | null = null;

  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk.slice());
    this.#happened("data");
  }

  onEnd(): void {
    this.ends++;
    this.#happened("end");
  }

  onDrain(): void {
    this.drains++;
    this.#happened("drain");
  }

  onError(error: Error): void {
    this.errors.push(error);
    this.#happened("error");
  }

  /** How often any handler was called. */
  get events(): number {
    return this.chunks.length + this.ends + this.drains + this.errors.length;
  }

  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  get codes(): unknown[] {
    return this.errors.map((error) => (error as NodeJS.ErrnoException).code);
  }

  /** Settles once `condition` holds, looked at after each event. Fails with `what` if it never does. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(limit);
        this.#waiting = null;
        resolve();
      };
      const limit = setTimeout(() => reject(new Error(`expected ${what}, got ${this.#summary()}`)), LIMIT_MS);
      this.#waiting = look;
      look();
    });
  }

  received(length: number): Promise<void> {
    return this.until(`${length} bytes`, () => this.length >= length);
  }

  ended(): Promise<void> {
    return this.until("an end", () => this.ends > 0);
  }

  failed(): Promise<void> {
    return this.until("an error", () => this.errors.length > 0);
  }

  #happened(name: "data" | "end" | "drain" | "error"): void {
    this.onEvent?.(name);
    this.#waiting?.();
  }

  #summary(): string {
    const { length, ends, drains, codes } = this;
    return `${length} bytes, ${ends} ends, ${drains} drains, errors [${codes.join()}]`;
  }
}
