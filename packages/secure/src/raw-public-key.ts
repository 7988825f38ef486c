import { createPublicKey, type KeyObject } from "node:crypto";

/** The curves whose public keys are 32 bytes here. */
export type Curve = "X25519" | "Ed25519";

// As JWK (RFC 8037), since OpenSSL takes 80 us to find out what a DER is, and 10 for this.

/** The key that these 32 bytes are. */
export function importPublicKey(curve: Curve, bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });
}

/** The 32 bytes of a key of either curve. */
export function exportPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x!, "base64url"));
}
