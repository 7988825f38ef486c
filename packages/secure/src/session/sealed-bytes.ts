import type { ByteStream } from "@p2pnet/stream";

/** Messages that were taken and are still remembered. */
const SPENT = 64;

/** How much plaintext the stream below has taken, which counts ciphertext itself. */
export class SealedBytes {
  readonly #stream: ByteStream;
  /** For each message under way: where its ciphertext and its plaintext end, counted from the session's start. */
  #cipherEnds: number[] = [];
  #plainEnds: number[] = [];
  #first = 0;
  #cipherEnd: number;
  #plainEnd = 0;
  #taken = 0;
  #closed = false;

  constructor(stream: ByteStream) {
    this.#stream = stream;
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

  /** A message was written to the stream. */
  add(cipherLength: number, plainLength: number): void {
    this.#cipherEnd += cipherLength;
    this.#plainEnd += plainLength;
    this.#cipherEnds.push(this.#cipherEnd);
    this.#plainEnds.push(this.#plainEnd);
  }

  /** Before the stream is closed: what it has taken until now stays. */
  close(): void {
    this.#look();
    this.#closed = true;
    this.#cipherEnds = [];
    this.#plainEnds = [];
    this.#first = 0;
  }

  #look(): void {
    if (this.#first === this.#cipherEnds.length) return;
    const { bytesWritten } = this.#stream;
    while (this.#first < this.#cipherEnds.length && this.#cipherEnds[this.#first]! <= bytesWritten) {
      this.#taken = this.#plainEnds[this.#first++]!;
    }
    if (this.#first === this.#cipherEnds.length) {
      this.#cipherEnds.length = 0;
      this.#plainEnds.length = 0;
      this.#first = 0;
    } else if (this.#first >= SPENT) {
      this.#cipherEnds.splice(0, this.#first);
      this.#plainEnds.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
