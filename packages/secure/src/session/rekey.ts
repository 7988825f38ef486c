import type { CipherState } from "../noise/cipher-state.js";

/** After how much in one direction its key is replaced. */
export interface RekeyLimits {
  /** Noise messages, of up to 65,519 bytes each. */
  readonly messages: number;
  /** Bytes of plaintext. */
  readonly bytes: number;
}

/** Far below what ChaCha20-Poly1305 allows (RFC 9001, section 6.6): so that a key that leaks tells little of the past. */
export const DEFAULT_REKEY_LIMITS: RekeyLimits = { messages: 1_048_576, bytes: 1_073_741_824 };

/** The sooner of both sides' limits. */
export function soonerLimits(ours: RekeyLimits, theirs: RekeyLimits): RekeyLimits {
  return { messages: Math.min(ours.messages, theirs.messages), bytes: Math.min(ours.bytes, theirs.bytes) };
}

/**
 * Counts what one key has carried, and replaces it. Both sides count the same messages in the same order, so nothing is
 * sent about it.
 */
export class RekeyCounter {
  readonly #limits: RekeyLimits | null;
  #messages = 0;
  #bytes = 0;

  /** @param limits null for a peer that does not rekey */
  constructor(limits: RekeyLimits | null) {
    this.#limits = limits;
  }

  /** After each message. */
  count(state: CipherState, length: number): void {
    if (this.#limits === null) return;
    this.#messages++;
    this.#bytes += length;
    if (this.#messages < this.#limits.messages && this.#bytes < this.#limits.bytes) return;
    this.#messages = 0;
    this.#bytes = 0;
    state.rekey();
  }
}
