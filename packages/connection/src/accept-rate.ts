/** Addresses remembered at most. Who is forgotten first is who has been away for longest. */
const REMEMBERED = 16_384;

/**
 * A token bucket for each address: it holds the tokens of one second (at least one), and a connection takes one. Remembered
 * is when a bucket will be full again, and of full ones nothing.
 */
export class AcceptRate {
  readonly #perMs: number;
  readonly #capacityMs: number;
  /** When each bucket is full again, who was seen last at the end. */
  readonly #fullAt = new Map<string, number>();

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000;
    this.#capacityMs = Math.max(1, perSecond) / this.#perMs;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes a token of `address`: whether there was one. @param now milliseconds on a clock that never goes back */
  take(address: string, now: number): boolean {
    this.#forget(now);
    const before = Math.max(now, this.#fullAt.get(address) ?? now);
    const fullAt = before + 1 / this.#perMs;
    const taken = fullAt - now <= this.#capacityMs + ROUNDING_MS;
    // Set anew, so that the map's order is that of the last visits.
    this.#fullAt.delete(address);
    this.#fullAt.set(address, taken ? fullAt : before);
    return taken;
  }

  #forget(now: number): void {
    for (const [address, fullAt] of this.#fullAt) {
      if (fullAt > now && this.#fullAt.size < REMEMBERED) return;
      this.#fullAt.delete(address);
    }
  }
}

/** Fractions of a millisecond add up to a little more or less than they should. */
const ROUNDING_MS = 1e-6;
