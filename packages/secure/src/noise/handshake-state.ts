import { BlockPool } from "../ciphers/block-pool.js";
import { type CipherName, type CipherSuite, TAG_LENGTH } from "../ciphers/cipher.js";
import { selectCiphers } from "../ciphers/select.js";
import { expectBytes, SecureError } from "../errors.js";
import type { CipherState } from "./cipher-state.js";
import { DH_LENGTH, dh, generateKeyPair, type KeyPair } from "./dh-functions.js";
import type { Role, Token } from "./patterns.js";
import { type NoiseProtocol, parseProtocolName } from "./protocol-name.js";
import { SymmetricState } from "./symmetric-state.js";

/** Bytes of the longest Noise message (specification, section 3). */
export const MAX_MESSAGE_LENGTH = 65_535;

/** What a handshake begins with, under the names of the specification. */
export interface HandshakeOptions {
  /** Such as `Noise_XX_25519_ChaChaPoly_SHA256`. */
  readonly protocolName: string;
  readonly role: Role;
  /** Bytes that both sides must have, or the handshake fails. Default none. */
  readonly prologue?: Uint8Array;
  /** Our static key pair, where the pattern has one. */
  readonly s?: KeyPair;
  /** Our ephemeral key pair: for test vectors alone. A handshake makes its own. */
  readonly e?: KeyPair;
  /** The peer's static public key, where the pattern has us know it. */
  readonly rs?: Uint8Array;
  /** Pre-shared keys of 32 bytes, one for each `psk` of the pattern, in order. */
  readonly psks?: readonly Uint8Array[];
  /** Default `auto`. */
  readonly cipher?: CipherName | "auto";
}

/** The two directions of a finished handshake. */
export interface TransportStates {
  readonly send: CipherState;
  readonly receive: CipherState;
}

const NOTHING = new Uint8Array(0);
/** One for each suite: handshakes work on few bytes, one after the other. */
const pools = new WeakMap<CipherSuite, BlockPool>();
const POOLED_BYTES = 4_096;

/**
 * `HandshakeState` of the Noise specification, section 5.3. The messages of its pattern are written and read in turn: one
 * code for both roles. A state that failed stays failed.
 */
export class HandshakeState {
  readonly role: Role;
  readonly #protocol: NoiseProtocol;
  readonly #symmetric: SymmetricState;
  readonly #s: KeyPair | null;
  #e: KeyPair | null;
  #rs: Uint8Array | null;
  #re: Uint8Array | null = null;
  readonly #psks: Uint8Array[];
  /** Index of the message that comes next. */
  #turn = 0;
  #ended = false;

  /** @throws SecureError `ERR_NOISE_PROTOCOL`; `ERR_HANDSHAKE_STATE` for a key that the pattern needs; `ERR_CIPHER_UNAVAILABLE` */
  constructor(options: HandshakeOptions) {
    this.role = options.role;
    this.#protocol = parseProtocolName(options.protocolName);
    this.#s = options.s ?? null;
    this.#e = options.e ?? null;
    this.#rs = options.rs === undefined ? null : expectBytes("rs", options.rs, DH_LENGTH);
    this.#psks = (options.psks ?? []).map((psk) => new Uint8Array(expectBytes("psk", psk, 32)));
    if (this.#psks.length !== this.#protocol.psks) {
      throw stateError(`psks: expected ${this.#protocol.psks} of them, got ${this.#psks.length}`);
    }
    const suite = selectCiphers(options.cipher);
    const pool = pools.get(suite) ?? new BlockPool(suite, POOLED_BYTES);
    pools.set(suite, pool);
    this.#symmetric = new SymmetricState(options.protocolName, this.#protocol.hash, suite, pool);
    this.#symmetric.mixHash(options.prologue ?? NOTHING);
    this.#mixPremessages();
  }

  /** Whether the next message is ours to write. */
  get writesNext(): boolean {
    return (this.#turn % 2 === 0) === (this.role === "initiator");
  }

  /** Index of the message that comes next, the first being 0. */
  get turn(): number {
    return this.#turn;
  }

  /** Whether all messages were written and read. */
  get finished(): boolean {
    return this.#turn === this.#protocol.pattern.messages.length;
  }

  /** The peer's static public key, once it is known. It is the peer's only when the handshake has finished. */
  get remoteStatic(): Uint8Array | null {
    return this.#rs;
  }

  /** The hash of the whole handshake, for channel binding (section 11.2). @throws SecureError `ERR_HANDSHAKE_STATE` before its end */
  get handshakeHash(): Uint8Array {
    if (!this.finished) throw stateError("handshake hash: expected a finished handshake, got one under way");
    return this.#symmetric.handshakeHash;
  }

  /**
   * `WriteMessage(payload)`: the message.
   *
   * @throws SecureError `ERR_HANDSHAKE_STATE` out of turn, or without a key that the pattern needs; `ERR_INVALID_KEY`;
   * `ERR_MESSAGE_TOO_LARGE` above 65,535 bytes
   */
  writeMessage(payload: Uint8Array = NOTHING): Uint8Array {
    return this.#takeTurn(true, (tokens) => {
      const parts = tokens.map((token) => this.#write(token));
      parts.push(this.#symmetric.encryptAndHash(payload));
      const message = new Uint8Array(Buffer.concat(parts));
      expectLength(message.length);
      return message;
    });
  }

  /**
   * `ReadMessage(message)`: its payload.
   *
   * @throws SecureError `ERR_DECRYPT` for a message that is not the peer's, or cut; `ERR_INVALID_KEY` for a key of low
   * order; `ERR_HANDSHAKE_STATE`, `ERR_MESSAGE_TOO_LARGE`
   */
  readMessage(message: Uint8Array): Uint8Array {
    return this.#takeTurn(false, (tokens) => {
      expectLength(message.length);
      let rest = message;
      for (const token of tokens) rest = this.#read(token, rest);
      return this.#symmetric.decryptAndHash(rest);
    });
  }

  /** `Split()`, once. @throws SecureError `ERR_HANDSHAKE_STATE` before the end, or a second time */
  split(): TransportStates {
    if (!this.finished || this.#ended)
      throw stateError("split: expected a finished handshake, once, got another state");
    const [initiators, responders] = this.#symmetric.split();
    this.wipe();
    return this.role === "initiator"
      ? { send: initiators, receive: responders }
      : { send: responders, receive: initiators };
  }

  /** Forgets the secrets. `split` does so by itself. */
  wipe(): void {
    this.#ended = true;
    this.#e = null;
    for (const psk of this.#psks) psk.fill(0);
    this.#symmetric.wipe();
  }

  #takeTurn(writes: boolean, move: (tokens: readonly Token[]) => Uint8Array): Uint8Array {
    const tokens = this.#protocol.pattern.messages[this.#turn];
    if (this.#ended || tokens === undefined || this.writesNext !== writes) {
      throw stateError(`handshake: expected a message in its turn, got ${writes ? "one to write" : "one to read"}`);
    }
    try {
      const result = move(tokens);
      this.#turn++;
      return result;
    } catch (error) {
      this.wipe();
      throw error;
    }
  }

  #write(token: Token): Uint8Array {
    switch (token) {
      case "e": {
        this.#e ??= generateKeyPair();
        this.#mixEphemeral(this.#e.publicKey);
        return this.#e.publicKey;
      }
      case "s":
        return this.#symmetric.encryptAndHash(this.#expectKey("s", this.#s).publicKey);
      default:
        this.#mixSecret(token);
        return NOTHING;
    }
  }

  /** Takes what belongs to the token from the front of `message`, and returns the rest. */
  #read(token: Token, message: Uint8Array): Uint8Array {
    switch (token) {
      case "e": {
        const [key, rest] = take(message, DH_LENGTH);
        this.#re = key;
        this.#mixEphemeral(key);
        return rest;
      }
      case "s": {
        const [sealed, rest] = take(message, DH_LENGTH + (this.#symmetric.cipherState.hasKey ? TAG_LENGTH : 0));
        this.#rs = this.#symmetric.decryptAndHash(sealed);
        return rest;
      }
      default:
        this.#mixSecret(token);
        return message;
    }
  }

  /** With pre-shared keys ephemeral ones are mixed in twice, so that no two messages share a key (section 9.2). */
  #mixEphemeral(key: Uint8Array): void {
    this.#symmetric.mixHash(key);
    if (this.#protocol.psks > 0) this.#symmetric.mixKey(key);
  }

  #mixSecret(token: Exclude<Token, "e" | "s">): void {
    if (token === "psk") {
      const psk = this.#psks.shift()!;
      this.#symmetric.mixKeyAndHash(psk);
      psk.fill(0);
      return;
    }
    // The first letter is the initiator's key, the second the responder's.
    const [initiators, responders] = [token[0], token[1]];
    const [ours, theirs] = this.role === "initiator" ? [initiators, responders] : [responders, initiators];
    const own = ours === "e" ? this.#expectKey("e", this.#e) : this.#expectKey("s", this.#s);
    const remote = theirs === "e" ? this.#expectKey("re", this.#re) : this.#expectKey("rs", this.#rs);
    const secret = dh(own, remote);
    this.#symmetric.mixKey(secret);
    secret.fill(0);
  }

  #mixPremessages(): void {
    const { initiatorPremessage, responderPremessage } = this.#protocol.pattern;
    const own = (): Uint8Array => this.#expectKey("s", this.#s).publicKey;
    const remote = (): Uint8Array => this.#expectKey("rs", this.#rs);
    const [initiators, responders] = this.role === "initiator" ? [own, remote] : [remote, own];
    if (initiatorPremessage.length > 0) this.#symmetric.mixHash(initiators());
    if (responderPremessage.length > 0) this.#symmetric.mixHash(responders());
  }

  #expectKey<T>(label: string, key: T | null): T {
    if (key !== null) return key;
    throw stateError(`${label}: expected a key, as ${this.#protocol.name} needs it, got none`);
  }
}

function take(message: Uint8Array, length: number): [Uint8Array, Uint8Array] {
  if (message.length < length) {
    const text = `handshake message: expected at least ${length} more bytes, got ${message.length}`;
    throw new SecureError("ERR_DECRYPT", text);
  }
  return [new Uint8Array(message.subarray(0, length)), message.subarray(length)];
}

function expectLength(length: number): void {
  if (length <= MAX_MESSAGE_LENGTH) return;
  const text = `message: expected at most ${MAX_MESSAGE_LENGTH} bytes, got ${length}`;
  throw new SecureError("ERR_MESSAGE_TOO_LARGE", text);
}

function stateError(message: string): SecureError {
  return new SecureError("ERR_HANDSHAKE_STATE", message);
}
