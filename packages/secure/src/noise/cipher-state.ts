import type { BlockPool } from "../ciphers/block-pool.js";
import { type Block, type Cipher, type CipherSuite, KEY_LENGTH, TAG_LENGTH } from "../ciphers/cipher.js";
import { expectInteger, SecureError } from "../errors.js";

/**
 * No nonce reaches this: exact counting ends here. The specification's own end, 2^64 - 1, is out of reach.
 */
export const MAX_NONCE: number = Number.MAX_SAFE_INTEGER;

const NO_AD = new Uint8Array(0);

/**
 * `CipherState` of the Noise specification, section 5.1: a key, and a nonce that counts up. Without a key it lets bytes
 * through as they are.
 */
export class CipherState {
  readonly #suite: CipherSuite;
  readonly #pool: BlockPool;
  #cipher: Cipher | null = null;
  #nonceWords: DataView | null = null;
  #n = 0;
  #wiped = false;

  constructor(suite: CipherSuite, pool: BlockPool) {
    this.#suite = suite;
    this.#pool = pool;
  }

  /** `InitializeKey(key)`. The key is copied. */
  initializeKey(key: Uint8Array): void {
    this.#setKey(key);
    this.#n = 0;
  }

  /** `HasKey()` */
  get hasKey(): boolean {
    return this.#cipher !== null;
  }

  /**
   * `SetNonce(nonce)`. Who sets one answers for its being used once.
   *
   * @throws SecureError `ERR_OUT_OF_RANGE` unless it is an integer from 0 to `MAX_NONCE`, with which nothing is sealed
   */
  setNonce(nonce: number): void {
    this.#n = expectInteger("nonce", nonce, 0, MAX_NONCE);
  }

  /** The nonce of the next message. */
  get nonce(): number {
    return this.#n;
  }

  /** `EncryptWithAd(ad, plaintext)`. @throws SecureError `ERR_NONCE_EXHAUSTED`, `ERR_KEY_WIPED` */
  encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    if (!this.#expectUsable().hasKey) return new Uint8Array(plaintext);
    const { length } = plaintext;
    return this.#pool.use(length + TAG_LENGTH, (block) => {
      block.bytes.set(plaintext);
      this.#prepare().seal(ad, block, 0, length);
      this.#n++;
      return block.bytes.slice(0, length + TAG_LENGTH);
    });
  }

  /**
   * `DecryptWithAd(ad, ciphertext)`.
   *
   * @throws SecureError `ERR_DECRYPT` if it is not what was sealed, with the nonce as it was; `ERR_NONCE_EXHAUSTED`,
   * `ERR_KEY_WIPED`
   */
  decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    if (!this.#expectUsable().hasKey) return new Uint8Array(ciphertext);
    const length = ciphertext.length - TAG_LENGTH;
    if (length < 0) throw notSealed(ciphertext.length);
    return this.#pool.use(ciphertext.length, (block) => {
      if (!this.open(ciphertext, block, 0, ad)) throw notSealed(ciphertext.length);
      const plaintext = block.bytes.slice(0, length);
      block.bytes.fill(0, 0, length);
      return plaintext;
    });
  }

  /** `EncryptWithAd` in place: `length` bytes of the block from `offset` on, then `rest`, with room for it and the tag. */
  seal(block: Block, offset: number, length: number, rest?: Uint8Array): void {
    this.#prepare().seal(NO_AD, block, offset, length, rest);
    this.#n++;
  }

  /** `DecryptWithAd` into the block, from `offset` on; `sealed` ends with its tag. False, and zeros, if it is forged. */
  open(sealed: Uint8Array, block: Block, offset: number, ad: Uint8Array = NO_AD): boolean {
    if (!this.#prepare().open(ad, sealed, block, offset)) return false;
    this.#n++;
    return true;
  }

  /** `Rekey()`: another key out of this one, which cannot be found from it. The nonce counts on. */
  rekey(): void {
    const cipher = this.#prepare();
    cipher.nonce.fill(0xff, 4);
    this.#pool.use(KEY_LENGTH + TAG_LENGTH, (block) => {
      block.bytes.fill(0, 0, KEY_LENGTH);
      cipher.seal(NO_AD, block, 0, KEY_LENGTH);
      this.#setKey(block.bytes.subarray(0, KEY_LENGTH));
      block.bytes.fill(0, 0, KEY_LENGTH + TAG_LENGTH);
    });
  }

  /** Forgets the key for good: it never becomes one that lets bytes through. */
  wipe(): void {
    this.#cipher?.wipe();
    this.#cipher = null;
    this.#wiped = true;
  }

  #setKey(key: Uint8Array): void {
    const cipher = this.#suite.cipher(key);
    this.#cipher?.wipe();
    this.#cipher = cipher;
    const { buffer, byteOffset, length } = cipher.nonce;
    this.#nonceWords = new DataView(buffer, byteOffset, length);
  }

  /** The cipher, with the nonce written: 4 zero bytes, then 8 bytes little-endian (section 12.3). */
  #prepare(): Cipher {
    const cipher = this.#cipher;
    if (cipher === null) throw this.#wiped ? wiped() : new SecureError("ERR_HANDSHAKE_STATE", NO_KEY);
    const n = this.#n;
    if (n >= MAX_NONCE) throw exhausted();
    this.#nonceWords!.setUint32(0, 0, true);
    this.#nonceWords!.setUint32(4, n >>> 0, true);
    this.#nonceWords!.setUint32(8, Math.floor(n / 0x1_0000_0000), true);
    return cipher;
  }

  #expectUsable(): this {
    if (this.#wiped) throw wiped();
    return this;
  }
}

const NO_KEY = "cipher state: expected one with a key, got one without";

function notSealed(length: number): SecureError {
  return new SecureError("ERR_DECRYPT", `ciphertext: expected ${length} bytes that the peer sealed, got others`);
}

function exhausted(): SecureError {
  return new SecureError("ERR_NONCE_EXHAUSTED", `nonce: expected one below ${MAX_NONCE}, got the last`);
}

function wiped(): SecureError {
  return new SecureError("ERR_KEY_WIPED", "cipher state: expected one with its key, got one that was wiped");
}
