import { addressOf, type Libcrypto, libcrypto, NativeMemory } from "@p2pnet/sys";
import { SecureError } from "../errors.js";
import { type Block, type Cipher, type CipherSuite, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH } from "./cipher.js";

/** Associated data up to this long needs no memory of its own. */
const SHORT_AD_BYTES = 64;

/**
 * Ciphers over the libcrypto that Node carries. A context is made once per key: a message then costs four calls, where
 * `node:crypto` makes objects for each.
 *
 * @throws FfiUnavailableError if it cannot be called here
 */
export function libcryptoCiphers(): CipherSuite {
  const calls = libcrypto();
  const places = new Places();
  return {
    name: "libcrypto",
    cipher: (key) => new LibcryptoCipher(calls, places, key),
    block: (size) => new NativeMemory(size),
  };
}

/**
 * Where received bytes are. Chunks come in the same memory over and over, of which it is asked once: asking costs
 * 140 ns.
 */
class Places {
  #memory: ArrayBufferLike | null = null;
  #address = 0;

  addressOf(bytes: Uint8Array): number {
    const { buffer, byteOffset } = bytes;
    if (buffer !== this.#memory) {
      this.#address = addressOf(bytes) - byteOffset;
      this.#memory = buffer;
    }
    return this.#address + byteOffset;
  }
}

/** Frees the contexts of ciphers that nobody wiped. */
const abandoned = new FinalizationRegistry<() => void>((free) => free());

class LibcryptoCipher implements Cipher {
  readonly nonce: Uint8Array;
  readonly #calls: Libcrypto;
  readonly #places: Places;
  readonly #context: number;
  /** The nonce, an int that calls write to, and short associated data: one piece of memory. */
  readonly #memory: NativeMemory;
  readonly #written: number;
  readonly #ad: number;
  #wiped = false;

  constructor(calls: Libcrypto, places: Places, key: Uint8Array) {
    this.#calls = calls;
    this.#places = places;
    this.#memory = new NativeMemory(NONCE_LENGTH + 4 + SHORT_AD_BYTES);
    this.nonce = this.#memory.bytes.subarray(0, NONCE_LENGTH);
    this.#written = this.#memory.address + NONCE_LENGTH;
    this.#ad = this.#written + 4;
    const context = Number(calls.EVP_CIPHER_CTX_new());
    this.#context = context;
    abandoned.register(this, () => calls.EVP_CIPHER_CTX_free(context), this);
    const keyMemory = new NativeMemory(KEY_LENGTH);
    keyMemory.bytes.set(key);
    const done = calls.EVP_CipherInit_ex(context, calls.chacha20Poly1305, 0, keyMemory.address, 0, 1);
    keyMemory.bytes.fill(0);
    if (done !== 1) this.#fail("EVP_CipherInit_ex");
  }

  seal(ad: Uint8Array, block: Block, offset: number, length: number, rest?: Uint8Array): void {
    const { EVP_CipherUpdate, EVP_CipherFinal_ex, EVP_CIPHER_CTX_ctrl, EVP_CTRL_AEAD_GET_TAG } = this.#calls;
    const at = block.address + offset;
    this.#begin(1, ad);
    if (length > 0 && EVP_CipherUpdate(this.#context, at, this.#written, at, length) !== 1) {
      this.#fail("EVP_CipherUpdate");
    }
    const restLength = rest?.length ?? 0;
    if (restLength > 0) {
      // Not through `places`, which would keep the user's memory alive.
      const from = addressOf(rest!);
      if (EVP_CipherUpdate(this.#context, at + length, this.#written, from, restLength) !== 1) {
        this.#fail("EVP_CipherUpdate");
      }
    }
    const end = at + length + restLength;
    if (EVP_CipherFinal_ex(this.#context, end, this.#written) !== 1) this.#fail("EVP_CipherFinal_ex");
    if (EVP_CIPHER_CTX_ctrl(this.#context, EVP_CTRL_AEAD_GET_TAG, TAG_LENGTH, end) !== 1) {
      this.#fail("EVP_CIPHER_CTX_ctrl");
    }
  }

  open(ad: Uint8Array, sealed: Uint8Array, block: Block, offset: number): boolean {
    const { EVP_CipherUpdate, EVP_CipherFinal_ex, EVP_CIPHER_CTX_ctrl, EVP_CTRL_AEAD_SET_TAG } = this.#calls;
    const length = sealed.length - TAG_LENGTH;
    const at = block.address + offset;
    const from = this.#places.addressOf(sealed);
    this.#begin(0, ad);
    if (EVP_CIPHER_CTX_ctrl(this.#context, EVP_CTRL_AEAD_SET_TAG, TAG_LENGTH, from + length) !== 1) {
      this.#fail("EVP_CIPHER_CTX_ctrl");
    }
    if (length > 0 && EVP_CipherUpdate(this.#context, at, this.#written, from, length) !== 1) {
      this.#fail("EVP_CipherUpdate");
    }
    if (EVP_CipherFinal_ex(this.#context, at + length, this.#written) === 1) return true;
    this.#calls.ERR_clear_error();
    block.bytes.fill(0, offset, offset + length);
    return false;
  }

  wipe(): void {
    if (this.#wiped) return;
    this.#wiped = true;
    abandoned.unregister(this);
    this.#calls.EVP_CIPHER_CTX_free(this.#context);
  }

  #begin(encrypt: 0 | 1, ad: Uint8Array): void {
    // A freed context would be written to, which corrupts memory: no caller may get that far.
    if (this.#wiped)
      throw new SecureError("ERR_KEY_WIPED", "cipher: expected one with its key, got one that was wiped");
    const calls = this.#calls;
    if (calls.EVP_CipherInit_ex(this.#context, 0, 0, 0, this.#memory.address, encrypt) !== 1) {
      this.#fail("EVP_CipherInit_ex");
    }
    if (ad.length === 0) return;
    const own = ad.length > SHORT_AD_BYTES ? new NativeMemory(ad.length) : null;
    if (own !== null) own.bytes.set(ad);
    else this.#memory.bytes.set(ad, NONCE_LENGTH + 4);
    const at = own?.address ?? this.#ad;
    if (calls.EVP_CipherUpdate(this.#context, 0, this.#written, at, ad.length) !== 1) this.#fail("EVP_CipherUpdate");
  }

  #fail(call: string): never {
    this.#calls.ERR_clear_error();
    throw new SecureError("ERR_CIPHER_UNAVAILABLE", `${call}: expected 1, got 0`);
  }
}
