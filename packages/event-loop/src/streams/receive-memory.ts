import { NativeMemory } from "@p2pnet/sys";
import type { Received } from "./received.js";

/**
 * What one receive takes at most: a message of 64 KiB with all that belongs to it, so that it need not be put together, and
 * small enough for the processor's cache.
 */
const RECEIVE_BYTES = 131_072;
/** Chunks of up to this length have one object for each length, made when it is first needed. */
const KEPT_BYTES = 1_024;

/** Where every stream of a loop receives, one after the other. */
export class ReceiveMemory {
  readonly native: NativeMemory = new NativeMemory(RECEIVE_BYTES);
  readonly #buffer: ArrayBuffer = this.native.bytes.buffer;
  readonly #view = new DataView(this.#buffer);
  readonly #chunks: (Uint8Array | undefined)[] = Array.from({ length: KEPT_BYTES + 1 });
  readonly #received: Received;

  constructor(received: Received) {
    this.#received = received;
  }

  /**
   * The chunk of that length that was just received: right until the next receive. Its object costs as much as a message's way
   * through the loop (40 ns, and the collector's share), so those of short chunks are used again.
   */
  chunk(length: number): Uint8Array {
    const chunk = this.#chunkOf(length);
    this.#received.tell(chunk, this.#view, 0);
    return chunk;
  }

  #chunkOf(length: number): Uint8Array {
    const kept = this.#chunks[length];
    if (kept !== undefined) return kept;
    const made = new Uint8Array(this.#buffer, 0, length);
    if (length <= KEPT_BYTES) this.#chunks[length] = made;
    return made;
  }
}
