export type { CipherName } from "./ciphers/cipher.js";
export { SecureError, type SecureErrorCode } from "./errors.js";
export { generateIdentity, type Identity, identityOf } from "./identity/identity.js";
export {
  type LoadIdentityOptions,
  loadIdentity,
  type SaveIdentityOptions,
  saveIdentity,
} from "./identity/identity-file.js";
export { type PeerIdentity, parsePeer, parsePeerId, peerIdentity, verifySignature } from "./identity/peer-identity.js";
export { CipherState, MAX_NONCE } from "./noise/cipher-state.js";
export { generateKeyPair, type KeyPair, keyPairFrom } from "./noise/dh-functions.js";
export { type HandshakeOptions, HandshakeState, type TransportStates } from "./noise/handshake-state.js";
export { type HandshakePattern, PATTERNS, type Role, type Token } from "./noise/patterns.js";
export type { RekeyLimits } from "./session/rekey.js";
export {
  type SecureOptions,
  type SecurePeer,
  secure,
  type Upgrade,
  type Upgraded,
  type UpgradeOptions,
} from "./session/secure.js";
export { allowedPeers } from "./verify/allowed-peers.js";
export { knownPeer } from "./verify/known-peers.js";
export { type PublicKeyLike, type Verifier, type Verify, type VerifyContext, verifierOf } from "./verify/verify.js";
