import { createHash, verify } from "node:crypto";
import { expectBytes, SecureError } from "../errors.js";
import { importPublicKey } from "../raw-public-key.js";
import { decodeBase58, encodeBase58 } from "./base58.js";

/** Bytes of an Ed25519 public key. */
export const PUBLIC_KEY_LENGTH = 32;
/** Bytes of an Ed25519 signature. */
const SIGNATURE_LENGTH = 64;

/** What libp2p's `PublicKey` message has before an Ed25519 key: `Type` 1, then `Data` of 32 bytes. */
const LIBP2P_KEY_PREFIX = Uint8Array.of(0x08, 0x01, 0x12, 0x20);
/** The multihash of what is short enough to be its own hash: "identity", then 36 bytes. */
const MULTIHASH_PREFIX = Uint8Array.of(0x00, 0x24);
/** Of the fingerprint: 20 letters of 5 bits. */
const FINGERPRINT_LETTERS = 20;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Who somebody is: an Ed25519 public key, and its two names. */
export interface PeerIdentity {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** As libp2p writes it: `12D3Koo...`. The whole key, in other letters. */
  readonly peerId: string;
  /** For people to compare: five groups of four letters, of the key's SHA-256. */
  readonly fingerprint: string;
}

/**
 * The identity of a public key of 32 bytes, which are copied.
 *
 * @throws SecureError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function peerIdentity(publicKey: Uint8Array): PeerIdentity {
  const key = new Uint8Array(expectBytes("public key", publicKey, PUBLIC_KEY_LENGTH));
  return {
    publicKey: key,
    peerId: encodeBase58(Buffer.concat([MULTIHASH_PREFIX, encodePublicKey(key)])),
    fingerprint: fingerprintOf(key),
  };
}

/**
 * The identity that a peer id is the name of.
 *
 * @throws SecureError `ERR_INVALID_PEER_ID` unless it is that of an Ed25519 key
 */
export function parsePeerId(peerId: string): PeerIdentity {
  const bytes = typeof peerId === "string" && peerId.length <= 64 ? decodeBase58(peerId) : null;
  const start = MULTIHASH_PREFIX.length;
  const key = bytes === null || !startsWith(bytes, MULTIHASH_PREFIX) ? null : decodePublicKey(bytes.subarray(start));
  if (key !== null) return peerIdentity(key);
  throw new SecureError("ERR_INVALID_PEER_ID", `peer id: expected one of an Ed25519 key (12D3Koo...), got ${peerId}`);
}

/**
 * The identity that a text names: a peer id, or the 64 hexadecimal digits of a public key.
 *
 * @throws SecureError `ERR_INVALID_PEER_ID`
 */
export function parsePeer(text: string): PeerIdentity {
  return /^[0-9a-f]{64}$/i.test(text) ? peerIdentity(Buffer.from(text, "hex")) : parsePeerId(text);
}

/** libp2p's `PublicKey` message (peer ids specification, "Keys"). */
export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([LIBP2P_KEY_PREFIX, publicKey]));
}

/** The Ed25519 key in such a message, or null if it has none: the encoding is the only one that the specification allows. */
export function decodePublicKey(message: Uint8Array): Uint8Array | null {
  const length = LIBP2P_KEY_PREFIX.length + PUBLIC_KEY_LENGTH;
  if (message.length !== length || !startsWith(message, LIBP2P_KEY_PREFIX)) return null;
  return new Uint8Array(message.subarray(LIBP2P_KEY_PREFIX.length));
}

/** Whether the Ed25519 `signature` (RFC 8032) of `message` is that of the owner of `publicKey`. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_LENGTH || signature.length !== SIGNATURE_LENGTH) return false;
  return verify(null, message, importPublicKey("Ed25519", publicKey), signature);
}

function fingerprintOf(publicKey: Uint8Array): string {
  const digest = createHash("sha256").update(publicKey).digest("hex");
  let bits = BigInt(`0x${digest}`) >> BigInt(256 - 5 * FINGERPRINT_LETTERS);
  let letters = "";
  for (let i = 0; i < FINGERPRINT_LETTERS; i++, bits >>= 5n) letters = BASE32[Number(bits & 31n)] + letters;
  return letters.match(/.{4}/g)!.join("-");
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}
