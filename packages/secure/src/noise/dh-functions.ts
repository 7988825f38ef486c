import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { expectBytes, SecureError } from "../errors.js";
import { exportPublicKey, importPublicKey } from "../raw-public-key.js";

/** Length in bytes of X25519 keys and of what they yield. */
export const DH_LENGTH = 32;

/** An X25519 key pair (RFC 7748). */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** What DER writes before the 32 bytes of a private key (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");

/** `GENERATE_KEYPAIR()` of the Noise specification, section 4.1. */
export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { privateKey, publicKey: exportPublicKey(publicKey) };
}

/**
 * The key pair of a private key of 32 bytes, which are the caller's to wipe.
 *
 * @throws SecureError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function keyPairFrom(privateKey: Uint8Array): KeyPair {
  const key = Buffer.concat([PKCS8_PREFIX, expectBytes("private key", privateKey, DH_LENGTH)]);
  const object = createPrivateKey({ key, format: "der", type: "pkcs8" });
  key.fill(0);
  return { privateKey: object, publicKey: exportPublicKey(createPublicKey(object)) };
}

/**
 * `DH(key_pair, public_key)`: 32 bytes, the caller's to wipe.
 *
 * @throws SecureError `ERR_INVALID_KEY` where they would be all zero, as with a key of low order: then they are no secret
 */
export function dh({ privateKey }: KeyPair, publicKey: Uint8Array): Uint8Array {
  expectBytes("public key", publicKey, DH_LENGTH);
  const key = importPublicKey("X25519", publicKey);
  let secret: Uint8Array;
  try {
    secret = diffieHellman({ privateKey, publicKey: key });
  } catch (cause) {
    throw lowOrder(cause);
  }
  // OpenSSL refuses by itself; whatever stands in for it elsewhere may not.
  if (secret.every((byte) => byte === 0)) throw lowOrder(null);
  return secret;
}

function lowOrder(cause: unknown): SecureError {
  const message = "public key: expected one that yields a secret, got one of low order";
  return new SecureError("ERR_INVALID_KEY", message, { cause });
}
