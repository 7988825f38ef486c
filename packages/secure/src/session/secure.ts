import type { ByteStream } from "@p2pnet/stream";
import { BlockPool } from "../ciphers/block-pool.js";
import type { CipherName, CipherSuite } from "../ciphers/cipher.js";
import { selectCiphers } from "../ciphers/select.js";
import { expectInteger, SecureError } from "../errors.js";
import type { Identity } from "../identity/identity.js";
import type { PeerIdentity } from "../identity/peer-identity.js";
import { generateKeyPair } from "../noise/dh-functions.js";
import type { Role } from "../noise/patterns.js";
import { type Verify, verifierOf } from "../verify/verify.js";
import { type HandshakeResult, type HandshakeSettings, handshake } from "./handshake.js";
import { HandshakeChannel } from "./handshake-channel.js";
import { encodePayload } from "./handshake-payload.js";
import { Opener, RECEIVE_BLOCK_BYTES } from "./opener.js";
import { DEFAULT_REKEY_LIMITS, RekeyCounter, type RekeyLimits, soonerLimits } from "./rekey.js";
import { SEND_BLOCK_BYTES, Sealer } from "./sealer.js";
import { SecureStream } from "./secure-stream.js";

export interface SecureOptions {
  /** Who we are. */
  readonly identity: Identity;
  /** Who the peer may be. There is no default: whoever wants any peer says `() => true`. */
  readonly verify: Verify;
  /** How long a handshake may take, in milliseconds. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** Default `auto`: the fastest that runs here. */
  readonly cipher?: CipherName | "auto";
  /**
   * When a direction's key is replaced; the sooner of both sides' limits holds. Default 1,048,576 messages and 1 GiB. Peers
   * that know nothing of it, as other programs of libp2p, keep their keys.
   */
  readonly rekey?: Partial<RekeyLimits>;
  /**
   * Offers what goes beyond libp2p's specification: replacing keys, and marking the end, so that a cut is noticed. Default
   * true; it is used with peers that offer it, too.
   */
  readonly additions?: boolean;
}

/** Who is at the other end of a session. */
export interface SecurePeer extends PeerIdentity {
  /** The same 32 bytes on both sides, and of this session alone: whatever signs them is bound to it. */
  readonly handshakeHash: Uint8Array;
  /** Whether keys are replaced and the end is marked, as both sides offered it. */
  readonly additions: boolean;
}

export interface UpgradeOptions {
  /** initiator: who connected. responder: who accepted. */
  readonly role: Role;
  /** Ends the handshake; the upgrade rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Upgraded {
  readonly stream: ByteStream;
  readonly peer: SecurePeer;
}

/**
 * Makes a stream a secure one. It takes the stream over, which must not have been started; when it rejects, the stream is
 * reset, and the peer is not told why.
 */
export type Upgrade = (stream: ByteStream, options: UpgradeOptions) => Promise<Upgraded>;

const MAX_TIMEOUT_MS = 0x7fffffff;

/**
 * Sessions of this identity with peers that `verify` accepts: the handshake and the transport of libp2p's /noise
 * (Noise_XX_25519_ChaChaPoly_SHA256). The static Noise key is made here, and lives as long as this.
 *
 * The upgrade rejects with a SecureError that names the step: `ERR_HANDSHAKE_TIMEOUT`, `ERR_HANDSHAKE_CLOSED`,
 * `ERR_NOT_NOISE`, `ERR_INVALID_KEY`, `ERR_HANDSHAKE_DECRYPT`, `ERR_HANDSHAKE_PAYLOAD`, `ERR_IDENTITY_TYPE`,
 * `ERR_IDENTITY_SIGNATURE`, `ERR_PEER_REFUSED`, or with what `verify` threw. Afterwards the stream fails with `ERR_DECRYPT`,
 * `ERR_TRUNCATED` or `ERR_NONCE_EXHAUSTED`, or as the one below did.
 *
 * @throws SecureError `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_PEER_ID`;
 * `ERR_CIPHER_UNAVAILABLE` if that cipher was asked for by name
 */
export function secure(options: SecureOptions): Upgrade {
  const suite = selectCiphers(options.cipher);
  const additions = options.additions === false ? null : rekeyLimits(options.rekey);
  const timeoutMs = expectInteger("handshakeTimeoutMs", options.handshakeTimeoutMs ?? 10_000, 1, MAX_TIMEOUT_MS);
  const staticKey = generateKeyPair();
  const settings: HandshakeSettings = {
    staticKey,
    payload: encodePayload(expectIdentity(options.identity), staticKey.publicKey, additions),
    verifier: verifierOf(options.verify),
    cipher: suite.name,
  };
  return async (stream, { role, signal }) => {
    const ending = new AbortController();
    const timeout = setTimeout(() => ending.abort(tooLate(timeoutMs)), timeoutMs);
    const aborted = (): void => ending.abort(signal?.reason);
    signal?.addEventListener("abort", aborted);
    try {
      signal?.throwIfAborted();
      const channel = new HandshakeChannel(stream);
      ending.signal.addEventListener("abort", () => channel.fail(ending.signal.reason));
      const result = await handshake(channel, settings, role, ending.signal);
      return session(stream, channel, result, suite, additions);
    } catch (error) {
      ending.abort(error);
      stream.abort();
      throw error;
    } finally {
      clearTimeout(timeout);
      signal?.removeEventListener("abort", aborted);
    }
  };
}

function session(
  stream: ByteStream,
  channel: HandshakeChannel,
  { peer, handshakeHash, states, additions: offered }: HandshakeResult,
  suite: CipherSuite,
  additions: RekeyLimits | null,
): Upgraded {
  const limits = additions === null || offered === null ? null : soonerLimits(additions, offered);
  const marksEnd = limits !== null;
  const { decoder, ended, failure } = channel.rest;
  const { sending, receiving } = poolsOf(suite);
  const secured = new SecureStream({
    stream,
    sealer: new Sealer(stream, states.send, new RekeyCounter(limits), sending),
    opener: new Opener(decoder, states.receive, new RekeyCounter(limits), marksEnd),
    receiveBlocks: receiving,
    marksEnd,
  });
  channel.handOver(secured);
  if (ended) secured.onEnd();
  if (failure !== null) secured.onError(failure);
  return { stream: secured, peer: { ...peer, handshakeHash, additions: marksEnd } };
}

interface Pools {
  readonly sending: BlockPool;
  readonly receiving: BlockPool;
}

const pools = new WeakMap<CipherSuite, Pools>();

/** One pair for all sessions of a thread over the same ciphers. */
function poolsOf(suite: CipherSuite): Pools {
  let found = pools.get(suite);
  if (found === undefined) {
    found = {
      sending: new BlockPool(suite, SEND_BLOCK_BYTES),
      receiving: new BlockPool(suite, RECEIVE_BLOCK_BYTES),
    };
    pools.set(suite, found);
  }
  return found;
}

function rekeyLimits(asked: Partial<RekeyLimits> = {}): RekeyLimits {
  const { messages, bytes } = { ...DEFAULT_REKEY_LIMITS, ...asked };
  return {
    messages: expectInteger("rekey.messages", messages, 1, Number.MAX_SAFE_INTEGER),
    bytes: expectInteger("rekey.bytes", bytes, 1, Number.MAX_SAFE_INTEGER),
  };
}

function expectIdentity(identity: Identity): Identity {
  if (typeof identity?.sign === "function" && identity.publicKey instanceof Uint8Array) return identity;
  throw new SecureError("ERR_INVALID_ARG_TYPE", `identity: expected an Identity, got ${typeof identity}`);
}

function tooLate(timeoutMs: number): SecureError {
  return new SecureError("ERR_HANDSHAKE_TIMEOUT", `handshake: expected its end within ${timeoutMs} ms, got none`);
}
