import type { Socket } from "node:net";
import { HEADER_BYTES, header } from "../frames.js";
import type { Peer } from "./peer.js";

const MAX_PAYLOAD_BYTES = 1024 * 1024;

/**
 * A connection as one writes it over `node:net`: framing by hand, with a check of the length, and what it says at `write`
 * unheeded. No deadlines, no bound on what waits.
 */
export class NodeNetPeer implements Peer {
  onMessage: ((message: Uint8Array) => void) | null = null;
  onDrain: (() => void) | null = null;
  onEnd: (() => void) | null = null;
  onClose: ((error?: Error) => void) | null = null;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.onDrain?.());
    socket.on("end", () => {
      try {
        this.onEnd?.();
      } finally {
        socket.destroySoon(); // Node leaves one open for ever whose handler has thrown.
      }
    });
    socket.on("error", (error: Error) => {
      failure = error;
    });
    socket.on("close", () => this.onClose?.(failure));
  }

  get open(): boolean {
    return this.#socket.writable;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  send(message: Uint8Array): boolean {
    this.#socket.write(header(message.length));
    this.#socket.write(message);
    return true;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.end();
  }

  abort(): void {
    this.#socket.resetAndDestroy();
  }

  #received(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEADER_BYTES) {
      const length = this.#rest.readUInt32BE(0);
      if (length === 0 || length > MAX_PAYLOAD_BYTES) return void this.#socket.destroy();
      const end = HEADER_BYTES + length;
      if (this.#rest.length < end) return;
      const message = this.#rest.subarray(HEADER_BYTES, end);
      this.#rest = this.#rest.subarray(end);
      this.onMessage?.(message);
    }
  }
}
