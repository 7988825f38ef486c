import type { ByteStream } from "@p2pnet/stream";
import type { BlockPool } from "../ciphers/block-pool.js";
import { type Block, TAG_LENGTH } from "../ciphers/cipher.js";

/** Messages that were taken and are still remembered. */
const SPENT = 64;

/**
 * How much plaintext the stream below has taken, which counts ciphertext itself. Gives the blocks back that it was lent, once
 * it has taken what is in them.
 */
export class SealedBytes {
  readonly #stream: ByteStream;
  readonly #pool: BlockPool;
  /** For each message under way: where its ciphertext and its plaintext end, counted from the session's start. */
  #cipherEnds: number[] = [];
  #plainEnds: number[] = [];
  #lent: (Block | null)[] = [];
  #first = 0;
  #cipherEnd: number;
  #plainEnd = 0;
  /** Plaintext of the messages that were taken as a whole, and of those and a part of the next. */
  #whole = 0;
  #taken = 0;
  #closed = false;

  constructor(stream: ByteStream, pool: BlockPool) {
    this.#stream = stream;
    this.#pool = pool;
    this.#cipherEnd = stream.bytesWritten + stream.bufferedBytes;
  }

  get takenBytes(): number {
    this.#look();
    return this.#taken;
  }

  get untakenBytes(): number {
    if (this.#closed) return 0;
    this.#look();
    return this.#plainEnd - this.#taken;
  }

  /** A message was written to the stream. @param lent the block that it is in, if the stream has no copy of it */
  add(cipherLength: number, plainLength: number, lent: Block | null): void {
    this.#cipherEnd += cipherLength;
    this.#plainEnd += plainLength;
    this.#cipherEnds.push(this.#cipherEnd);
    this.#plainEnds.push(this.#plainEnd);
    this.#lent.push(lent);
  }

  /**
   * Before the stream is closed: what it has taken until now stays. Lent blocks are nobody's any more: a system may look at
   * them until it has closed its socket.
   */
  close(): void {
    this.#look();
    this.#closed = true;
    this.#cipherEnds = [];
    this.#plainEnds = [];
    this.#lent = [];
    this.#first = 0;
  }

  #look(): void {
    if (this.#first === this.#cipherEnds.length) return;
    const { bytesWritten } = this.#stream;
    while (this.#first < this.#cipherEnds.length && this.#cipherEnds[this.#first]! <= bytesWritten) this.#tookFirst();
    if (this.#first === this.#cipherEnds.length) {
      this.#taken = this.#whole;
      this.#cipherEnds.length = 0;
      this.#plainEnds.length = 0;
      this.#lent.length = 0;
      this.#first = 0;
    } else {
      this.#taken = this.#whole + this.#takenOfFirst(bytesWritten);
      if (this.#first >= SPENT) this.#forgetSpent();
    }
  }

  #tookFirst(): void {
    this.#whole = this.#plainEnds[this.#first]!;
    const lent = this.#lent[this.#first]!;
    if (lent !== null) this.#pool.give(lent);
    this.#lent[this.#first++] = null;
  }

  /** Of a message that is taken in part: its last byte counts with its tag only, so that 0 buffered bytes are all. */
  #takenOfFirst(bytesWritten: number): number {
    const length = this.#plainEnds[this.#first]! - this.#whole;
    const start = this.#cipherEnds[this.#first]! - TAG_LENGTH - length;
    return Math.max(0, Math.min(length - 1, bytesWritten - start));
  }

  #forgetSpent(): void {
    this.#cipherEnds.splice(0, this.#first);
    this.#plainEnds.splice(0, this.#first);
    this.#lent.splice(0, this.#first);
    this.#first = 0;
  }
}
