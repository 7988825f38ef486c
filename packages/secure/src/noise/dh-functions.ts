import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { expectBytes, SecureError } from "../errors.js";

/** Length in bytes of X25519 keys and of what they yield. */
export const DH_LENGTH = 32;

/** An X25519 key pair (RFC 7748). */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

// What DER writes before the 32 bytes of a key (RFC 8410, section 7 and 4).
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** `GENERATE_KEYPAIR()` of the Noise specification, section 4.1. */
export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { privateKey, publicKey: rawPublicKey(publicKey) };
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
  return { privateKey: object, publicKey: rawPublicKey(createPublicKey(object)) };
}

/**
 * `DH(key_pair, public_key)`: 32 bytes, the caller's to wipe.
 *
 * @throws SecureError `ERR_INVALID_KEY` where they would be all zero, as with a key of low order: then they are no secret
 */
export function dh({ privateKey }: KeyPair, publicKey: Uint8Array): Uint8Array {
  expectBytes("public key", publicKey, DH_LENGTH);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
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

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-DH_LENGTH));
}

function lowOrder(cause: unknown): SecureError {
  const message = "public key: expected one that yields a secret, got one of low order";
  return new SecureError("ERR_INVALID_KEY", message, { cause });
}
