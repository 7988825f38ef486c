import type { BlockPool } from "../ciphers/block-pool.js";
import { type CipherSuite, KEY_LENGTH } from "../ciphers/cipher.js";
import { CipherState } from "./cipher-state.js";
import { type HashFunction, hash, hkdf } from "./hash-functions.js";

/** `SymmetricState` of the Noise specification, section 5.2: a chaining key and a hash of all that was said. */
export class SymmetricState {
  readonly cipherState: CipherState;
  readonly #hash: HashFunction;
  readonly #newCipherState: () => CipherState;
  #chainingKey: Uint8Array;
  #h: Uint8Array;

  /** `InitializeSymmetric(protocol_name)` */
  constructor(protocolName: string, hashFunction: HashFunction, suite: CipherSuite, pool: BlockPool) {
    this.#hash = hashFunction;
    this.#newCipherState = () => new CipherState(suite, pool);
    this.cipherState = this.#newCipherState();
    const name = new TextEncoder().encode(protocolName);
    this.#h = new Uint8Array(hashFunction.hashLength);
    if (name.length <= hashFunction.hashLength) this.#h.set(name);
    else this.#h = hash(hashFunction, name);
    this.#chainingKey = new Uint8Array(this.#h);
  }

  /** `MixKey(input_key_material)`. The input is the caller's to wipe. */
  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#hash, this.#chainingKey, input, 2) as [Uint8Array, Uint8Array];
    this.#setChainingKey(chainingKey);
    this.#setKey(key);
  }

  /** `MixHash(data)` */
  mixHash(data: Uint8Array): void {
    this.#h = hash(this.#hash, this.#h, data);
  }

  /** `MixKeyAndHash(input_key_material)` */
  mixKeyAndHash(input: Uint8Array): void {
    const outputs = hkdf(this.#hash, this.#chainingKey, input, 3) as [Uint8Array, Uint8Array, Uint8Array];
    this.#setChainingKey(outputs[0]);
    this.mixHash(outputs[1]);
    outputs[1].fill(0);
    this.#setKey(outputs[2]);
  }

  /** `GetHandshakeHash()`: the same on both sides, and of this session alone. */
  get handshakeHash(): Uint8Array {
    return new Uint8Array(this.#h);
  }

  /** `EncryptAndHash(plaintext)` */
  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.cipherState.encryptWithAd(this.#h, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** `DecryptAndHash(ciphertext)`. @throws SecureError `ERR_DECRYPT` */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.cipherState.decryptWithAd(this.#h, ciphertext);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** `Split()`: the initiator's sending state, then the responder's. Wipes this one. */
  split(): [CipherState, CipherState] {
    const keys = hkdf(this.#hash, this.#chainingKey, new Uint8Array(0), 2);
    this.wipe();
    return keys.map((key) => {
      const state = this.#newCipherState();
      state.initializeKey(key.subarray(0, KEY_LENGTH));
      key.fill(0);
      return state;
    }) as [CipherState, CipherState];
  }

  wipe(): void {
    this.#chainingKey.fill(0);
    this.cipherState.wipe();
  }

  #setChainingKey(chainingKey: Uint8Array): void {
    this.#chainingKey.fill(0);
    this.#chainingKey = chainingKey;
  }

  #setKey(key: Uint8Array): void {
    this.cipherState.initializeKey(key.subarray(0, KEY_LENGTH));
    key.fill(0);
  }
}
