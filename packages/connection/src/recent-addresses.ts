/** Addresses remembered at most. Who is forgotten first is who has been away for longest. */
const REMEMBERED = 16_384;

/**
 * A time for each address, until which it is remembered; afterwards nothing is. Bounded, whoever comes. Times are
 * milliseconds on a clock that never goes back.
 */
export class RecentAddresses {
  /** Who was seen last at the end. */
  readonly #until = new Map<string, number>();

  /** Addresses that are remembered. */
  get size(): number {
    return this.#until.size;
  }

  /** The time of `address`, or now if it has none or that is over. */
  get(address: string, now: number): number {
    return Math.max(now, this.#until.get(address) ?? now);
  }

  set(address: string, until: number, now: number): void {
    this.#forget(now);
    // Set anew, so that the map's order is that of the last visits.
    this.#until.delete(address);
    this.#until.set(address, until);
  }

  #forget(now: number): void {
    for (const [address, until] of this.#until) {
      if (until > now && this.#until.size < REMEMBERED) return;
      this.#until.delete(address);
    }
  }
}
