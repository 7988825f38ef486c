import { describe, expect, it } from "vitest";
import { BlockPool } from "../src/ciphers/block-pool.js";
import type { Cipher, CipherSuite } from "../src/ciphers/cipher.js";
import { selectCiphers } from "../src/ciphers/select.js";
import { HASH_FUNCTIONS } from "../src/noise/hash-functions.js";
import { SymmetricState } from "../src/noise/symmetric-state.js";

/** Ciphers that remember in which memory their keys came, and what became of them. */
function watchedCiphers() {
  const inner = selectCiphers("node");
  const keys: Uint8Array[] = [];
  const ciphers: Cipher[] = [];
  const wiped = new Set<Cipher>();
  const suite: CipherSuite = {
    ...inner,
    cipher(key) {
      const cipher = inner.cipher(key);
      const { wipe } = cipher;
      cipher.wipe = () => {
        wiped.add(cipher);
        wipe.call(cipher);
      };
      keys.push(key);
      ciphers.push(cipher);
      return cipher;
    },
  };
  return { suite, keys, ciphers, wiped };
}

describe("key memory", () => {
  it("is zeros as soon as a key was taken out of it, and each cipher is wiped when it is replaced or done", () => {
    const { suite, keys, ciphers, wiped } = watchedCiphers();
    const state = new SymmetricState("Noise_test", HASH_FUNCTIONS["SHA256"]!, suite, new BlockPool(suite, 256));
    state.mixKey(new Uint8Array(32).fill(1));
    state.mixKeyAndHash(new Uint8Array(32).fill(2));
    const [first, second] = state.split();
    expect(ciphers).toHaveLength(4);
    expect([...wiped]).toEqual(ciphers.slice(0, 2));
    first.rekey();
    expect([...wiped]).toEqual(ciphers.slice(0, 3));
    first.wipe();
    second.wipe();
    expect(wiped.size).toBe(ciphers.length);
    expect(keys.flatMap((key) => [...key]).every((byte) => byte === 0)).toBe(true);
  });

  it("is the caller's where the caller gave it", () => {
    const { suite } = watchedCiphers();
    const state = new SymmetricState("Noise_test", HASH_FUNCTIONS["SHA256"]!, suite, new BlockPool(suite, 256));
    const secret = new Uint8Array(32).fill(1);
    state.mixKey(secret);
    expect(secret).toEqual(new Uint8Array(32).fill(1));
  });
});
