import { describe, expect, it } from "vitest";
import { libcrypto } from "../src/libcrypto.js";
import { NativeMemory } from "../src/memory.js";

/** RFC 8439, section 2.8.2: key, nonce, associated data and plaintext, and what they are sealed to. */
const KEY = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
const NONCE = "070000004041424344454647";
const AD = "50515253c0c1c2c3c4c5c6c7";
const PLAINTEXT =
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
const CIPHERTEXT_BEGINS = "d31a8d34648e60db7b86afbc53ef7ec2";
const TAG = "1ae10b594f09e26a7e902ecbd0600691";

function memoryOf(bytes: Uint8Array): NativeMemory {
  const memory = new NativeMemory(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

describe("libcrypto", () => {
  it("seals with ChaCha20-Poly1305 as RFC 8439 does, in place", () => {
    const calls = libcrypto();
    const [key, nonce, ad] = [KEY, NONCE, AD].map((hex) => memoryOf(Buffer.from(hex, "hex"))) as [
      NativeMemory,
      NativeMemory,
      NativeMemory,
    ];
    const text = memoryOf(Buffer.from(PLAINTEXT));
    const [tag, written] = [new NativeMemory(16), new NativeMemory(4)];
    const context = calls.EVP_CIPHER_CTX_new();
    const done = [
      calls.EVP_CipherInit_ex(context, calls.chacha20Poly1305, 0, key.address, 0, 1),
      calls.EVP_CipherInit_ex(context, 0, 0, 0, nonce.address, -1),
      calls.EVP_CipherUpdate(context, 0, written.address, ad.address, 12),
      calls.EVP_CipherUpdate(context, text.address, written.address, text.address, PLAINTEXT.length),
      calls.EVP_CipherFinal_ex(context, text.address, written.address),
      calls.EVP_CIPHER_CTX_ctrl(context, calls.EVP_CTRL_AEAD_GET_TAG, 16, tag.address),
    ];
    calls.EVP_CIPHER_CTX_free(context);
    calls.ERR_clear_error();
    expect(done).toEqual([1, 1, 1, 1, 1, 1]);
    expect(Buffer.from(text.bytes).toString("hex")).toMatch(new RegExp(`^${CIPHERTEXT_BEGINS}`));
    expect(Buffer.from(tag.bytes).toString("hex")).toBe(TAG);
  });

  it("is loaded once", () => {
    expect(libcrypto()).toBe(libcrypto());
  });
});
