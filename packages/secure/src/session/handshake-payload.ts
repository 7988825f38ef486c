import { SecureError } from "../errors.js";
import type { Identity } from "../identity/identity.js";
import {
  decodePublicKey,
  encodePublicKey,
  type PeerIdentity,
  peerIdentity,
  verifySignature,
} from "../identity/peer-identity.js";
import { decodeFields, encodeFields, type Field } from "./protobuf.js";
import type { RekeyLimits } from "./rekey.js";

// Field numbers of `NoiseHandshakePayload` and `NoiseExtensions` in libp2p's specification of /noise.
const IDENTITY_KEY = 1;
const IDENTITY_SIGNATURE = 2;
const EXTENSIONS = 4;
/** Ours: the specification leaves those above 1024 to experiments, and who does not know them skips them. */
const P2PNET = 2_450;
// Fields of our extension.
const REKEY_MESSAGES = 1;
const REKEY_BYTES = 2;

const SIGNED_PREFIX = new TextEncoder().encode("noise-libp2p-static-key:");

/** What a peer says of itself in its handshake payload, once it is shown to be true. */
export interface PeerClaims {
  readonly peer: PeerIdentity;
  /** When it will rekey, and that it marks its end; null for a peer that knows nothing of this. */
  readonly additions: RekeyLimits | null;
}

/** The payload that binds a static Noise key to an identity. @param additions what we offer beyond the specification */
export function encodePayload(identity: Identity, noiseKey: Uint8Array, additions: RekeyLimits | null): Uint8Array {
  const fields: Field[] = [
    { number: IDENTITY_KEY, value: encodePublicKey(identity.publicKey) },
    { number: IDENTITY_SIGNATURE, value: identity.sign(signedBytes(noiseKey)) },
  ];
  if (additions !== null) {
    const ours = encodeFields([
      { number: REKEY_MESSAGES, value: additions.messages },
      { number: REKEY_BYTES, value: additions.bytes },
    ]);
    fields.push({ number: EXTENSIONS, value: encodeFields([{ number: P2PNET, value: ours }]) });
  }
  return encodeFields(fields);
}

/**
 * Reads a peer's payload.
 *
 * @param noiseKey the static key that the peer used in the handshake
 * @throws SecureError `ERR_HANDSHAKE_PAYLOAD` for what is no payload, `ERR_IDENTITY_TYPE` for an identity that is not
 * Ed25519, `ERR_IDENTITY_SIGNATURE` if the identity did not sign that key
 */
export function decodePayload(payload: Uint8Array, noiseKey: Uint8Array): PeerClaims {
  const fields = decodeFields(payload);
  const key = bytesOf(fields, IDENTITY_KEY);
  const signature = bytesOf(fields, IDENTITY_SIGNATURE);
  if (key === null || signature === null) {
    throw new SecureError(
      "ERR_HANDSHAKE_PAYLOAD",
      "handshake payload: expected a key and a signature, got another form",
    );
  }
  const publicKey = decodePublicKey(key);
  if (publicKey === null) {
    throw new SecureError("ERR_IDENTITY_TYPE", "identity: expected an Ed25519 key, got one of another type");
  }
  if (!verifySignature(publicKey, signedBytes(noiseKey), signature)) {
    const message = "identity signature: expected that of the peer's static key, got another";
    throw new SecureError("ERR_IDENTITY_SIGNATURE", message);
  }
  const extensions = bytesOf(fields, EXTENSIONS);
  return { peer: peerIdentity(publicKey), additions: extensions === null ? null : decodeAdditions(extensions) };
}

function decodeAdditions(extensions: Uint8Array): RekeyLimits | null {
  const ours = bytesOf(decodeFields(extensions), P2PNET);
  const fields = ours === null ? null : decodeFields(ours);
  const messages = lastValue(fields, REKEY_MESSAGES);
  const bytes = lastValue(fields, REKEY_BYTES);
  return typeof messages === "number" && typeof bytes === "number" && messages > 0 && bytes > 0
    ? { messages, bytes }
    : null;
}

/** The last of its number counts, as protobuf has it. */
function lastValue(fields: readonly Field[] | null, number: number): Uint8Array | number | null {
  return fields?.findLast((field) => field.number === number)?.value ?? null;
}

function bytesOf(fields: readonly Field[] | null, number: number): Uint8Array | null {
  const value = lastValue(fields, number);
  return value instanceof Uint8Array ? value : null;
}

function signedBytes(noiseKey: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([SIGNED_PREFIX, noiseKey]));
}
