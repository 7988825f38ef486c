import { RecentAddresses } from "./recent-addresses.js";

/** How long a failure counts, in milliseconds: one of an address is forgotten each minute. */
export const FORGIVEN_MS = 60_000;
/** However often it fails, an address is tried again after so many milliseconds: an hour. */
export const MAX_PENALTY_MS = 3_600_000;

/**
 * Counts the handshakes that have failed from each address, and keeps one away that fails too often: for a time that doubles
 * with each failure more, while one failure is forgotten each minute.
 */
export class HandshakeFailures {
  readonly #allowed: number;
  readonly #penaltyMs: number;
  /** When the last failure is forgotten: so many minutes from now, so many failures. */
  readonly #forgottenAt = new RecentAddresses();
  readonly #refusedUntil = new RecentAddresses();

  /**
   * @param allowed failures without a penalty
   * @param penaltyMs the first penalty, in milliseconds
   */
  constructor(allowed: number, penaltyMs: number) {
    this.#allowed = allowed;
    this.#penaltyMs = penaltyMs;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#forgottenAt.size;
  }

  /** @param now milliseconds on a clock that never goes back */
  failed(address: string, now: number): void {
    const forgottenAt = this.#forgottenAt.get(address, now) + FORGIVEN_MS;
    this.#forgottenAt.set(address, forgottenAt, now);
    const tooMany = Math.ceil((forgottenAt - now) / FORGIVEN_MS) - this.#allowed;
    if (tooMany <= 0) return;
    const penaltyMs = Math.min(this.#penaltyMs * 2 ** (tooMany - 1), Math.max(this.#penaltyMs, MAX_PENALTY_MS));
    this.#refusedUntil.set(address, now + penaltyMs, now);
  }

  /** For how many milliseconds more `address` is kept away; 0 if it is not. */
  penaltyMs(address: string, now: number): number {
    return this.#refusedUntil.get(address, now) - now;
  }
}
