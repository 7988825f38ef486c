import { SecureError } from "../errors.js";
import { HASH_FUNCTIONS, type HashFunction } from "./hash-functions.js";
import { type HandshakePattern, PATTERNS, withPsks } from "./patterns.js";

/** What a protocol name says (Noise specification, section 8). */
export interface NoiseProtocol {
  readonly name: string;
  readonly pattern: HandshakePattern;
  readonly hash: HashFunction;
  /** How many pre-shared keys it takes. */
  readonly psks: number;
}

/**
 * Reads a name such as `Noise_XXpsk3_25519_ChaChaPoly_SHA256`.
 *
 * @throws SecureError `ERR_NOISE_PROTOCOL` for what is no such name, or names something that is not here
 */
export function parseProtocolName(name: string): NoiseProtocol {
  const [, base, modifiers, dh, cipher, hashName] = FORM.exec(name) ?? [];
  const plain = find(PATTERNS, base);
  const hash = find(HASH_FUNCTIONS, hashName);
  const positions = (modifiers ?? "").split("+").flatMap((text) => (text === "" ? [] : [Number(text.slice(3))]));
  const placed = new Set(positions).size === positions.length;
  if (plain === undefined || hash === undefined || dh !== "25519" || cipher !== "ChaChaPoly" || !placed) {
    throw unknown(name);
  }
  if (positions.some((position) => position > plain.messages.length)) throw unknown(name);
  return { name, pattern: withPsks(plain, positions), hash, psks: positions.length };
}

const FORM = /^Noise_([A-Z][A-Z0-9]*)((?:psk\d)?(?:\+psk\d)*)_([^_]+)_([^_]+)_([^_]+)$/;

/** Of its own alone: every object has a "constructor". */
function find<T>(table: Readonly<Record<string, T>>, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknown(name: string): SecureError {
  const expected = `Noise_<pattern>_25519_ChaChaPoly_<${Object.keys(HASH_FUNCTIONS).join(" or ")}>`;
  return new SecureError("ERR_NOISE_PROTOCOL", `protocol name: expected ${expected}, got ${name}`);
}
