import { createHash, createHmac } from "node:crypto";

/** A hash function with its two lengths in bytes (Noise specification, section 4.3). */
export interface HashFunction {
  readonly hashLength: number;
  /** As Node knows it. */
  readonly algorithm: string;
}

/** The hash functions of the specification (section 12), by the name that a protocol name has. */
export const HASH_FUNCTIONS: Readonly<Record<string, HashFunction>> = {
  SHA256: { hashLength: 32, algorithm: "sha256" },
  SHA512: { hashLength: 64, algorithm: "sha512" },
  BLAKE2s: { hashLength: 32, algorithm: "blake2s256" },
  BLAKE2b: { hashLength: 64, algorithm: "blake2b512" },
};

export function hash({ algorithm }: HashFunction, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(algorithm);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}

/** `HKDF(chaining_key, input_key_material, num_outputs)` of section 4.3: as many outputs as asked for, 2 or 3. */
export function hkdf(
  { algorithm }: HashFunction,
  chainingKey: Uint8Array,
  input: Uint8Array,
  outputs: 2 | 3,
): Uint8Array[] {
  const temporary = createHmac(algorithm, chainingKey).update(input).digest();
  const result: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 1; i <= outputs; i++) {
    previous = createHmac(algorithm, temporary).update(previous).update(Uint8Array.of(i)).digest();
    result.push(previous);
  }
  temporary.fill(0);
  return result;
}
