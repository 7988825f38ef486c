import { expectBytes, SecureError } from "../errors.js";
import { type PeerIdentity, PUBLIC_KEY_LENGTH, parsePeer } from "../identity/peer-identity.js";
import type { Role } from "../noise/patterns.js";

/** What a verifier knows beside the peer. */
export interface VerifyContext {
  /** Ours. */
  readonly role: Role;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Decides whether this peer is one to talk to. That it has the private key was shown before. False refuses it with
 * `ERR_PEER_REFUSED`; what it throws is what the handshake fails with.
 */
export type Verifier = (peer: PeerIdentity, context: VerifyContext) => boolean | Promise<boolean>;

/** A public key: its 32 bytes, its peer id or 64 hexadecimal digits, or who has it. */
export type PublicKeyLike = Uint8Array | string | PeerIdentity;

/** Who may be the peer: one key, a list of keys, or a function that decides. */
export type Verify = PublicKeyLike | readonly PublicKeyLike[] | Verifier;

/**
 * The verifier that `verify` stands for.
 *
 * @throws SecureError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_PEER_ID`
 */
export function verifierOf(verify: Verify): Verifier {
  if (typeof verify === "function") return verify;
  const keys = Array.isArray(verify) ? (verify as readonly PublicKeyLike[]) : [verify as PublicKeyLike];
  const allowed = new Set(keys.map((key) => toHex(publicKeyOf(key))));
  return (peer) => allowed.has(toHex(peer.publicKey));
}

function publicKeyOf(key: PublicKeyLike): Uint8Array {
  if (typeof key === "string") return parsePeer(key).publicKey;
  const bytes = key instanceof Uint8Array ? key : key?.publicKey;
  if (bytes === undefined) {
    const expected = "a public key, a peer id, a list of them or a function";
    throw new SecureError(
      "ERR_INVALID_ARG_TYPE",
      `verify: expected ${expected}, got ${key === null ? "null" : typeof key}`,
    );
  }
  return expectBytes("verify", bytes, PUBLIC_KEY_LENGTH);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
