import { decodeFrames, encodeFrames } from "../servers/hand-framing.js";

/** What both ends of every protocol can do: a part of what our own connections can. */
export interface Talk {
  onMessage: ((message: Uint8Array) => void) | null;
  onClose: ((error?: Error) => void) | null;
  send(message: Uint8Array): unknown;
  /** Ends, and waits for the other's end. */
  close(): Promise<void>;
}

/** What carries a talk that is framed by hand. */
export interface Carrier {
  write(bytes: Uint8Array): void;
  end(): void;
  abort(): void;
}

/** Messages over somebody else's sealed bytes, framed by hand. */
export class FramedTalk implements Talk {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onClose: ((error?: Error) => void) | null = null;
  readonly #carrier: Carrier;
  #rest: Buffer = Buffer.alloc(0);
  #closed = false;
  #settleClosed: () => void = () => {};

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  send(message: Uint8Array): void {
    this.#carrier.write(encodeFrames([message]));
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settleClosed = resolve;
      this.#carrier.end();
    });
  }

  /** Bytes have come. */
  received(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      this.#rest = decodeFrames(bytes, (message) => this.onMessage?.(message));
    } catch (error) {
      this.#carrier.abort();
      this.ended(error as Error);
    }
  }

  /** The carrier has ended. */
  ended(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose?.(error);
    this.#settleClosed();
  }
}
