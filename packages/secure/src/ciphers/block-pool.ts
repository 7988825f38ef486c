import type { Block, CipherSuite } from "./cipher.js";

/** Blocks that are kept for the next user. */
const KEPT = 32;

/** Memory for ciphers, lent for as long as bytes are worked on: an idle session owns none. */
export class BlockPool {
  readonly size: number;
  readonly #suite: CipherSuite;
  readonly #free: Block[] = [];

  /** @param size of each block, in bytes */
  constructor(suite: CipherSuite, size: number) {
    this.#suite = suite;
    this.size = size;
  }

  take(): Block {
    return this.#free.pop() ?? this.#suite.block(this.size);
  }

  give(block: Block): void {
    if (this.#free.length < KEPT) this.#free.push(block);
  }

  /** Lends a block of at least `length` bytes to `work`. */
  use<T>(length: number, work: (block: Block) => T): T {
    if (length > this.size) return work(this.#suite.block(length));
    const block = this.take();
    try {
      return work(block);
    } finally {
      this.give(block);
    }
  }
}
