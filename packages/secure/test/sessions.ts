import { type ByteStream, type StreamPairOptions, streamPair } from "@p2pnet/stream";
import { Recorder } from "../../stream/test/recorder.js";
import {
  generateIdentity,
  HandshakeState,
  type SecureOptions,
  secure,
  type TransportStates,
  type Upgraded,
} from "../src/index.js";

/** Two identities that need not be made anew for each test. */
export const alice = generateIdentity();
export const bob = generateIdentity();

export type Sides<T> = { readonly initiator: T; readonly responder: T };

export interface SessionOptions {
  readonly initiator?: Partial<SecureOptions>;
  readonly responder?: Partial<SecureOptions>;
  readonly pair?: StreamPairOptions;
}

/** A session between Alice, who connects, and Bob, each pinned to the other, over the streams given. */
export async function sessionOver(
  [left, right]: readonly [ByteStream, ByteStream],
  options: SessionOptions = {},
): Promise<Sides<Upgraded>> {
  const connect = secure({ identity: alice, verify: bob.peerId, ...options.initiator });
  const accept = secure({ identity: bob, verify: alice.peerId, ...options.responder });
  const [initiator, responder] = await Promise.all([
    connect(left, { role: "initiator" }),
    accept(right, { role: "responder" }),
  ]);
  return { initiator, responder };
}

export function session(options: SessionOptions = {}): Promise<Sides<Upgraded>> {
  return sessionOver(streamPair(options.pair), options);
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Both ends' keys, after a handshake of strangers. */
export function transportStates(): [TransportStates, TransportStates] {
  const protocolName = "Noise_NN_25519_ChaChaPoly_SHA256";
  const initiator = new HandshakeState({ protocolName, role: "initiator" });
  const responder = new HandshakeState({ protocolName, role: "responder" });
  responder.readMessage(initiator.writeMessage());
  initiator.readMessage(responder.writeMessage());
  return [initiator.split(), responder.split()];
}

/** Both ways in one session, with a recorder at each side. */
export function recorders({ initiator, responder }: Sides<Upgraded>): [Recorder, Recorder] {
  const [atInitiator, atResponder] = [new Recorder(), new Recorder()];
  initiator.stream.start(atInitiator);
  responder.stream.start(atResponder);
  initiator.stream.resume();
  responder.stream.resume();
  return [atInitiator, atResponder];
}
