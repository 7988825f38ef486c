/** What the server has done so far. */
export class Totals {
  /** Clients that have connected, and those that are connected now: workers count them together. */
  readonly #counts: Int32Array;
  /** Messages echoed, or relayed. */
  messages = 0;
  /** Bytes of their payloads. */
  bytes = 0;

  constructor(counts: ArrayBufferLike = new ArrayBuffer(8)) {
    this.#counts = new Int32Array(counts);
  }

  /** Clients that have connected. */
  get clients(): number {
    return Atomics.load(this.#counts, 0);
  }

  /** Clients that are connected now. */
  get connected(): number {
    return Atomics.load(this.#counts, 1);
  }

  /** A client has come: its number. */
  clientCame(): number {
    Atomics.add(this.#counts, 1, 1);
    return Atomics.add(this.#counts, 0, 1) + 1;
  }

  clientLeft(): void {
    Atomics.sub(this.#counts, 1, 1);
  }

  /** A message of a client was answered, or passed on. */
  served(bytes: number): void {
    this.messages++;
    this.bytes += bytes;
  }
}
