import { createCipheriv, createDecipheriv } from "node:crypto";
import { SecureError } from "../errors.js";
import { type Block, type Cipher, type CipherSuite, NONCE_LENGTH, TAG_LENGTH } from "./cipher.js";

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_LENGTH };

/** Ciphers over `node:crypto`, which run wherever Node's modules do. */
export const nodeCiphers: CipherSuite = {
  name: "node",
  cipher: (key) => new NodeCipher(key),
  block: (size) => ({ bytes: new Uint8Array(size), address: 0 }),
};

class NodeCipher implements Cipher {
  readonly nonce: Uint8Array = new Uint8Array(NONCE_LENGTH);
  readonly #key: Uint8Array;
  #wiped = false;

  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(key);
  }

  seal(ad: Uint8Array, { bytes }: Block, offset: number, length: number, rest?: Uint8Array): void {
    const cipher = createCipheriv(ALGORITHM, this.#expectKey(), this.nonce, OPTIONS);
    const end = offset + length + (rest?.length ?? 0);
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: end - offset });
    bytes.set(cipher.update(bytes.subarray(offset, offset + length)), offset);
    if (rest !== undefined) bytes.set(cipher.update(rest), offset + length);
    cipher.final();
    bytes.set(cipher.getAuthTag(), end);
  }

  open(ad: Uint8Array, sealed: Uint8Array, { bytes }: Block, offset: number): boolean {
    const length = sealed.length - TAG_LENGTH;
    const decipher = createDecipheriv(ALGORITHM, this.#expectKey(), this.nonce, OPTIONS);
    decipher.setAuthTag(sealed.subarray(length));
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length });
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      plaintext.fill(0);
      bytes.fill(0, offset, offset + length);
      return false;
    }
    bytes.set(plaintext, offset);
    return true;
  }

  wipe(): void {
    this.#wiped = true;
    this.#key.fill(0);
  }

  #expectKey(): Uint8Array {
    if (!this.#wiped) return this.#key;
    throw new SecureError("ERR_KEY_WIPED", "cipher: expected one with its key, got one that was wiped");
  }
}
