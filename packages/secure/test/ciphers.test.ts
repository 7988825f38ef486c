import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, type Cipher, type CipherName, NONCE_LENGTH, TAG_LENGTH } from "../src/ciphers/cipher.js";
import { selectCiphers } from "../src/ciphers/select.js";
import { hex, toHex, vectors } from "./vectors.js";

interface AeadVectors {
  testGroups: {
    ivSize: number;
    tests: (Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "comment" | "result", string> & { tcId: number })[];
  }[];
}

const names: CipherName[] = ["libcrypto", "node"];
const file = vectors<AeadVectors>("wycheproof-chacha20_poly1305.json");
const takesNonce = ({ ivSize }: { ivSize: number }): boolean => ivSize === 8 * NONCE_LENGTH;
const cases = file?.testGroups.filter(takesNonce).flatMap(({ tests }) => tests) ?? [];

/** Bytes in a block, from `offset` on, with room for a tag. */
function blockOf(name: CipherName, bytes: Uint8Array, offset = 0): Block {
  const block = selectCiphers(name).block(offset + bytes.length + TAG_LENGTH);
  block.bytes.set(bytes, offset);
  return block;
}

describe.each(names)("the ciphers of %s", (name) => {
  const { cipher: makeCipher } = selectCiphers(name);

  it.runIf(file !== null).each(cases)("do as Wycheproof says: $tcId $comment", (vector) => {
    const cipher = makeCipher(hex(vector.key));
    cipher.nonce.set(hex(vector.iv));
    const [ad, plaintext, ciphertext] = [hex(vector.aad), hex(vector.msg), hex(vector.ct)];
    const bytes = Buffer.concat([ciphertext, hex(vector.tag)]);
    const sealed = blockOf(name, bytes);
    const opened = cipher.open(ad, sealed.bytes.subarray(0, bytes.length), sealed, 0);
    expect(opened).toBe(vector.result === "valid");
    const left = toHex(sealed.bytes.subarray(0, ciphertext.length));
    expect(left).toBe(opened ? vector.msg : "00".repeat(ciphertext.length));
    if (!opened) return;
    const block = blockOf(name, plaintext);
    cipher.seal(ad, block, 0, plaintext.length);
    expect(toHex(block.bytes.subarray(0, plaintext.length + TAG_LENGTH))).toBe(vector.ct + vector.tag);
  });

  it.runIf(file !== null)("have no room for the nonces of other lengths, which Wycheproof has as invalid", () => {
    const others = file!.testGroups.filter((group) => !takesNonce(group)).flatMap(({ tests }) => tests);
    expect(others.length).toBeGreaterThan(0);
    for (const { iv, result } of others) {
      expect(result).toBe("invalid");
      expect(hex(iv)).not.toHaveLength(NONCE_LENGTH);
    }
    expect(makeCipher(new Uint8Array(32)).nonce).toHaveLength(NONCE_LENGTH);
  });

  it("open what they sealed, at any offset and length, in place or out of other memory, and touch nothing else", () => {
    const cipher = makeCipher(new Uint8Array(32).fill(1));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 0, max: 40 }),
        fc.boolean(),
        (plaintext, ad, offset, inPlace) => {
          const block = blockOf(name, plaintext, offset);
          block.bytes.fill(0xaa, 0, offset);
          cipher.seal(ad, block, offset, plaintext.length);
          const sealed = block.bytes.subarray(offset);
          const [from, to] = inPlace
            ? [sealed, block]
            : [sealed.slice(), blockOf(name, new Uint8Array(0), block.bytes.length)];
          to.bytes.fill(0xaa, 0, offset);
          expect(cipher.open(ad, from, to, offset)).toBe(true);
          expect(to.bytes.subarray(0, offset).every((byte) => byte === 0xaa)).toBe(true);
          expect(toHex(to.bytes.subarray(offset, offset + plaintext.length))).toBe(toHex(plaintext));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("open nothing that was sealed with another key, nonce or associated data", () => {
    const [cipher, other] = [makeCipher(new Uint8Array(32).fill(1)), makeCipher(new Uint8Array(32).fill(2))];
    const sealed = (): Block => {
      const block = blockOf(name, hex("00112233"));
      cipher.nonce.fill(0);
      cipher.seal(hex("aa"), block, 0, 4);
      return block;
    };
    const opens = (by: Cipher, ad: string): boolean => {
      const { bytes } = sealed();
      const into = blockOf(name, hex("55555555"));
      const opened = by.open(hex(ad), bytes, into, 0);
      expect(toHex(into.bytes.subarray(0, 4))).toBe(opened ? "00112233" : "00000000");
      return opened;
    };
    expect(opens(other, "aa")).toBe(false);
    expect(opens(cipher, "ab")).toBe(false);
    const block = sealed();
    cipher.nonce[11] = 1;
    expect(cipher.open(hex("aa"), block.bytes, block, 0)).toBe(false);
    cipher.nonce[11] = 0;
    expect(opens(cipher, "aa")).toBe(true);
  });

  it("keep a copy of the key, which is the caller's to wipe", () => {
    const key = Buffer.alloc(32, 3);
    const cipher = makeCipher(key);
    key.fill(0);
    const block = blockOf(name, hex("00"));
    cipher.seal(new Uint8Array(0), block, 0, 1);
    expect(makeCipher(new Uint8Array(32).fill(3)).open(new Uint8Array(0), block.bytes, block, 0)).toBe(true);
  });

  it("do nothing once they are wiped", () => {
    const cipher = makeCipher(new Uint8Array(32));
    cipher.wipe();
    cipher.wipe();
    const wiped = expect.objectContaining({ code: "ERR_KEY_WIPED" });
    expect(() => cipher.seal(new Uint8Array(0), blockOf(name, hex("00")), 0, 1)).toThrow(wiped);
    const block = blockOf(name, hex("00"));
    expect(() => cipher.open(new Uint8Array(0), block.bytes, block, 0)).toThrow(wiped);
  });
});

it("both ciphers yield the same bytes, wherever the plaintext is", () => {
  const seal = (name: CipherName, bytes: Uint8Array, ad: Uint8Array, inBlock = bytes.length): string => {
    const block = blockOf(name, bytes);
    block.bytes.fill(0xaa, inBlock);
    const cipher = selectCiphers(name).cipher(new Uint8Array(32).fill(5));
    cipher.seal(ad, block, 0, inBlock, inBlock === bytes.length ? undefined : bytes.subarray(inBlock));
    return toHex(block.bytes);
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.uint8Array(), fc.nat(), (bytes, ad, n) => {
      const sealed = seal("node", bytes, ad);
      expect(seal("libcrypto", bytes, ad)).toBe(sealed);
      const inBlock = n % (bytes.length + 1);
      for (const name of names) expect(seal(name, bytes, ad, inBlock)).toBe(sealed);
    }),
  );
});

it("knows no other cipher", () => {
  expect(() => selectCiphers("rot13" as CipherName)).toThrow(
    expect.objectContaining({
      code: "ERR_INVALID_ARG_VALUE",
      message: "cipher: expected auto, libcrypto or node, got rot13",
    }),
  );
});
