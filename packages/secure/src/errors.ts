/**
 * The codes of a `SecureError`. Decide on `code`, never on a message.
 *
 * Handshake, in the order of its steps: `ERR_HANDSHAKE_TIMEOUT`, `ERR_HANDSHAKE_CLOSED`, `ERR_NOT_NOISE`,
 * `ERR_INVALID_KEY`, `ERR_HANDSHAKE_DECRYPT`, `ERR_HANDSHAKE_PAYLOAD`, `ERR_IDENTITY_TYPE`, `ERR_IDENTITY_SIGNATURE`,
 * `ERR_PEER_REFUSED`, `ERR_PEER_KEY_CHANGED`. After it: `ERR_DECRYPT`, `ERR_TRUNCATED`, `ERR_NONCE_EXHAUSTED`.
 */
export type SecureErrorCode =
  | "ERR_HANDSHAKE_TIMEOUT"
  | "ERR_HANDSHAKE_CLOSED"
  | "ERR_NOT_NOISE"
  | "ERR_INVALID_KEY"
  | "ERR_HANDSHAKE_DECRYPT"
  | "ERR_HANDSHAKE_PAYLOAD"
  | "ERR_IDENTITY_TYPE"
  | "ERR_IDENTITY_SIGNATURE"
  | "ERR_PEER_REFUSED"
  | "ERR_PEER_KEY_CHANGED"
  | "ERR_DECRYPT"
  | "ERR_TRUNCATED"
  | "ERR_NONCE_EXHAUSTED"
  | "ERR_MESSAGE_TOO_LARGE"
  | "ERR_HANDSHAKE_STATE"
  | "ERR_NOISE_PROTOCOL"
  | "ERR_KEY_WIPED"
  | "ERR_CIPHER_UNAVAILABLE"
  | "ERR_IDENTITY_FILE_MISSING"
  | "ERR_IDENTITY_FILE_EXISTS"
  | "ERR_IDENTITY_FILE_MODE"
  | "ERR_IDENTITY_FILE_ENCRYPTED"
  | "ERR_IDENTITY_FILE_PASSPHRASE"
  | "ERR_IDENTITY_FILE_CORRUPT"
  | "ERR_KNOWN_PEERS_FILE"
  | "ERR_ALLOWED_PEERS_FILE"
  | "ERR_INVALID_PEER_ID"
  | "ERR_OUT_OF_RANGE"
  | "ERR_INVALID_ARG_TYPE"
  | "ERR_INVALID_ARG_VALUE";

/** A peer, a key, a file or an argument is not what it must be for a session. */
export class SecureError extends Error {
  override readonly name = "SecureError";
  readonly code: SecureErrorCode;

  constructor(code: SecureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @throws SecureError `ERR_OUT_OF_RANGE` unless `value` is an integer within the bounds */
export function expectInteger(label: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SecureError("ERR_OUT_OF_RANGE", `${label}: expected an integer from ${min} to ${max}, got ${value}`);
}

/** @throws SecureError `ERR_INVALID_ARG_TYPE` unless `value` is a `Uint8Array`, `ERR_INVALID_ARG_VALUE` unless it has that length */
export function expectBytes(label: string, value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new SecureError("ERR_INVALID_ARG_TYPE", `${label}: expected a Uint8Array, got ${typeof value}`);
  }
  if (length !== undefined && value.length !== length) {
    throw new SecureError("ERR_INVALID_ARG_VALUE", `${label}: expected ${length} bytes, got ${value.length}`);
  }
  return value;
}
