import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { SecureError } from "../errors.js";
import { exportPublicKey } from "../raw-public-key.js";
import { type PeerIdentity, peerIdentity } from "./peer-identity.js";

/** Our own identity: an Ed25519 key pair. Whoever has the private key is who we are. */
export interface Identity extends PeerIdentity {
  /** Held by `node:crypto`, which does not show it unless it is exported. */
  readonly privateKey: KeyObject;
  /** Signs as Ed25519 does (RFC 8032): 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** A new identity, of this process alone until it is saved. */
export function generateIdentity(): Identity {
  return identityOf(generateKeyPairSync("ed25519").privateKey);
}

/** The identity of a private key. @throws SecureError `ERR_IDENTITY_TYPE` unless it is one of Ed25519 */
export function identityOf(privateKey: KeyObject): Identity {
  if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") {
    const got = `${privateKey.asymmetricKeyType ?? "no"} ${privateKey.type} key`;
    throw new SecureError("ERR_IDENTITY_TYPE", `identity: expected an Ed25519 private key, got: ${got}`);
  }
  return {
    ...peerIdentity(exportPublicKey(createPublicKey(privateKey))),
    privateKey,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}
