import type { CipherName } from "../ciphers/cipher.js";
import { SecureError } from "../errors.js";
import type { PeerIdentity } from "../identity/peer-identity.js";
import { DH_LENGTH, type KeyPair } from "../noise/dh-functions.js";
import { HandshakeState, type TransportStates } from "../noise/handshake-state.js";
import type { Role } from "../noise/patterns.js";
import type { Verifier } from "../verify/verify.js";
import type { HandshakeChannel, LengthBounds } from "./handshake-channel.js";
import { decodePayload } from "./handshake-payload.js";
import type { RekeyLimits } from "./rekey.js";

/** The protocol of libp2p's /noise. */
const PROTOCOL_NAME = "Noise_XX_25519_ChaChaPoly_SHA256";

/** The first message is an ephemeral key and no more: whatever else comes is another protocol. */
const FIRST: LengthBounds = { min: DH_LENGTH, max: DH_LENGTH };
/** A key of an old and large kind, its signature and extensions would fit. What is half-open holds no more than this. */
const OTHERS: LengthBounds = { min: DH_LENGTH + 1, max: 8_192 };

/** What a side brings to its handshakes. */
export interface HandshakeSettings {
  readonly staticKey: KeyPair;
  /** Signed by our identity: sent once what we say is encrypted. */
  readonly payload: Uint8Array;
  readonly verifier: Verifier;
  readonly cipher: CipherName;
}

export interface HandshakeResult {
  readonly peer: PeerIdentity;
  readonly handshakeHash: Uint8Array;
  readonly states: TransportStates;
  /** What the peer offers beyond the specification. */
  readonly additions: RekeyLimits | null;
}

/**
 * The handshake of libp2p's /noise, in either role. A peer is verified as soon as it has shown who it is, so that an initiator
 * does not tell its own identity to one that it refuses.
 *
 * Rejects with the SecureError of the step that failed, with what the verifier threw, or with the reason of `signal` once
 * the channel was told of it, or while a verifier takes its time.
 */
export async function handshake(
  channel: HandshakeChannel,
  settings: HandshakeSettings,
  role: Role,
  signal: AbortSignal,
): Promise<HandshakeResult> {
  const { staticKey, payload, verifier, cipher } = settings;
  const state = new HandshakeState({ protocolName: PROTOCOL_NAME, role, s: staticKey, cipher });
  try {
    let claims = null;
    while (!state.finished) {
      const first = state.turn === 0;
      if (state.writesNext) {
        channel.send(state.writeMessage(first ? undefined : payload));
        continue;
      }
      const message = await channel.read(first ? FIRST : OTHERS);
      signal.throwIfAborted();
      const received = readMessage(state, message);
      if (first) continue;
      claims = decodePayload(received, state.remoteStatic!);
      const accepted = await unlessAborted(verifier(claims.peer, { role, signal }), signal);
      signal.throwIfAborted();
      if (accepted !== true) throw refused(claims.peer);
    }
    const { handshakeHash } = state;
    return { ...claims!, handshakeHash, states: state.split() };
  } finally {
    state.wipe();
  }
}

/** What a verifier answers, or the reason of `signal` as soon as it is aborted: the answer may never come. */
function unlessAborted<T>(answer: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
    Promise.resolve(answer).then(resolve, reject);
  });
}

function readMessage(state: HandshakeState, message: Uint8Array): Uint8Array {
  const number = state.turn + 1;
  try {
    return state.readMessage(message);
  } catch (cause) {
    if (!(cause instanceof SecureError) || cause.code !== "ERR_DECRYPT") throw cause;
    const text = `handshake message ${number}: expected the peer's own, got one that was changed or is of another session`;
    throw new SecureError("ERR_HANDSHAKE_DECRYPT", text, { cause });
  }
}

function refused(peer: PeerIdentity): SecureError {
  const text = `peer: expected one that verify accepts, got ${peer.peerId} (${peer.fingerprint})`;
  return new SecureError("ERR_PEER_REFUSED", text);
}
