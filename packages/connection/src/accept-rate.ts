import { RecentAddresses } from "./recent-addresses.js";

/**
 * A token bucket for each address: it holds the tokens of one second (at least one), and a connection takes one. Remembered
 * is when a bucket will be full again, and of full ones nothing.
 */
export class AcceptRate {
  readonly #perMs: number;
  readonly #capacityMs: number;
  /** When each bucket is full again. */
  readonly #fullAt = new RecentAddresses();

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
    const before = this.#fullAt.get(address, now);
    const fullAt = before + 1 / this.#perMs;
    const taken = fullAt - now <= this.#capacityMs + ROUNDING_MS;
    this.#fullAt.set(address, taken ? fullAt : before, now);
    return taken;
  }
}

/** Fractions of a millisecond add up to a little more or less than they should. */
const ROUNDING_MS = 1e-6;
