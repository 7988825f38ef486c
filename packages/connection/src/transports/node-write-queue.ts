import { COPIED_WRITE_BYTES } from "@p2pnet/stream";

/** Bytes that are handed to a socket at once: it says when all of them are taken, and nothing before. */
const BATCH_BYTES = 65_536;
/** Pieces that were handed over and are still held. */
const SPENT_PIECES = 256;

/** What waits to be handed to a socket, in order. */
export class NodeWriteQueue {
  /** In bytes. */
  length = 0;
  #pieces: Uint8Array[] = [];
  /** Index of the first piece that still waits. */
  #first = 0;

  /** Copies `bytes` if they are short, and borrows them otherwise. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes.length <= COPIED_WRITE_BYTES ? Buffer.from(bytes) : bytes);
    this.length += bytes.length;
  }

  /** Takes what the next write is to carry: as much as waits, up to a batch. Empty if nothing waits. */
  take(): Uint8Array {
    const batch: Uint8Array[] = [];
    for (let room = BATCH_BYTES; room > 0 && this.#first < this.#pieces.length; ) {
      const piece = this.#pieces[this.#first]!;
      const part = piece.length <= room ? piece : piece.subarray(0, room);
      if (part === piece) this.#first++;
      else this.#pieces[this.#first] = piece.subarray(room);
      batch.push(part);
      room -= part.length;
    }
    this.#dropSpent();
    const bytes = batch.length === 1 ? batch[0]! : Buffer.concat(batch);
    this.length -= bytes.length;
    return bytes;
  }

  clear(): void {
    this.#pieces = [];
    this.#first = 0;
    this.length = 0;
  }

  #dropSpent(): void {
    if (this.#first < SPENT_PIECES && this.#first < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }
}
