const OFFSETS = 64 * 1024;

/** Payloads as in c/load/pattern.c: each is a window into random bytes, so that no two neighbours look alike. */
export class Pattern {
  readonly #bytes: Buffer;
  readonly #payloadBytes: number;

  constructor(payloadBytes: number) {
    this.#payloadBytes = payloadBytes;
    this.#bytes = Buffer.alloc(OFFSETS + payloadBytes);
    let state = 2463534242;
    for (let i = 0; i < this.#bytes.length; i++) {
      // xorshift32, Marsaglia 2003
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      this.#bytes[i] = state >>> 24;
    }
  }

  /** A view that must not be changed. */
  payload(connection: number, message: number): Uint8Array {
    const offset = (connection * 7919 + message * 31) % OFFSETS;
    return this.#bytes.subarray(offset, offset + this.#payloadBytes);
  }

  /** Throws at the first wrong byte. */
  check(got: Uint8Array, connection: number, message: number): void {
    const wanted = this.payload(connection, message);
    if (Buffer.compare(got, wanted) === 0) return;
    const place = `connection ${connection}, echo ${message}`;
    if (got.length !== wanted.length) throw new Error(`${place}: expected ${wanted.length} bytes, got ${got.length}`);
    const at = wanted.findIndex((byte, index) => byte !== got[index]);
    throw new Error(`${place}, byte ${at + 4}: expected 0x${hex(wanted[at]!)}, got 0x${hex(got[at]!)}`);
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
