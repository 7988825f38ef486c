import { type FrameDecoder, FrameError } from "@p2pnet/framing";
import { type Block, TAG_LENGTH } from "../ciphers/cipher.js";
import { SecureError } from "../errors.js";
import type { CipherState } from "../noise/cipher-state.js";
import { MAX_MESSAGE_LENGTH } from "../noise/handshake-state.js";
import type { RekeyCounter } from "./rekey.js";

/** Size of a block: once a message has been opened there is room for another of any length. */
export const RECEIVE_BLOCK_BYTES: number = 2 * MAX_MESSAGE_LENGTH;

/** The receiving half of a session: chunks in, plaintext out, as it was sealed or not at all. */
export class Opener {
  readonly #decoder: FrameDecoder;
  readonly #state: CipherState;
  readonly #rekey: RekeyCounter;
  /** Whether a message without bytes is the peer's last. */
  readonly #marksEnd: boolean;
  #endMarked = false;
  /** What failed after the plaintext that `open` has returned. */
  failure: SecureError | null = null;

  constructor(decoder: FrameDecoder, state: CipherState, rekey: RekeyCounter, marksEnd: boolean) {
    this.#decoder = decoder;
    this.#state = state;
    this.#rekey = rekey;
    this.#marksEnd = marksEnd;
  }

  /** Takes a chunk. What `open` leaves of it must be retained before it is reused. */
  push(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
  }

  retain(): void {
    this.#decoder.retain();
  }

  /**
   * Opens messages into the block's front, one behind the other, while there is room for any: how many bytes they have.
   * 0 if no whole message is there, or if `failure` is set.
   */
  open(block: Block): number {
    let filled = 0;
    while (this.failure === null && filled <= RECEIVE_BLOCK_BYTES - MAX_MESSAGE_LENGTH) {
      const message = this.#next();
      if (message === null) break;
      const length = message.length - TAG_LENGTH;
      if (length < 0 || this.#endMarked) {
        this.failure = forged();
        break;
      }
      if (!this.#open(message, block, filled)) break;
      filled += length;
      if (length === 0 && this.#marksEnd) this.#endMarked = true;
      this.#count(length);
    }
    return filled;
  }

  /** The stream below has ended: an error unless it is the end that the peer meant, as far as that can be told. */
  end(): SecureError | null {
    if (this.failure !== null) return this.failure;
    if (this.#decoder.bufferedBytes === 0 && (this.#endMarked || !this.#marksEnd)) return null;
    const got = this.#decoder.bufferedBytes > 0 ? "a cut message" : "an end that the peer did not say";
    return new SecureError("ERR_TRUNCATED", `session: expected all that the peer sent, got ${got}`);
  }

  close(): void {
    this.#state.wipe();
  }

  #next(): Uint8Array | null {
    try {
      return this.#decoder.next();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.failure = forged();
      return null;
    }
  }

  #open(message: Uint8Array, block: Block, offset: number): boolean {
    try {
      if (this.#state.open(message, block, offset)) return true;
      this.failure = forged();
    } catch (error) {
      this.#fail(error);
    }
    return false;
  }

  /** What was opened was so, whether or not there is a key for what follows. */
  #count(length: number): void {
    try {
      this.#rekey.count(this.#state, length);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof SecureError)) throw error;
    this.failure = error;
  }
}

function forged(): SecureError {
  const message = "session: expected the peer's next message, got one that was changed, repeated or moved";
  return new SecureError("ERR_DECRYPT", message);
}
