import { createHash } from "node:crypto";
import { streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { generateIdentity, generateKeyPair, HandshakeState, type KeyPair, type Role } from "../src/index.js";
import { handshake } from "../src/session/handshake.js";
import { HandshakeChannel } from "../src/session/handshake-channel.js";
import { encodePayload } from "../src/session/handshake-payload.js";
import { verifierOf } from "../src/verify/verify.js";
import { acceptAs, connectAs, other, outcome } from "./attacked.js";
import { LOW_ORDER } from "./low-order.js";
import { framesBetween } from "./meddler.js";
import { alice, bob } from "./sessions.js";
import { hex } from "./vectors.js";

const PROTOCOL_NAME = "Noise_XX_25519_ChaChaPoly_SHA256";

/** A peer that does everything right but for what it says of itself: what it hears, with headers. */
function claimant(role: Role, s: KeyPair, payload: Uint8Array) {
  const [stream, near] = streamPair();
  const state = new HandshakeState({ protocolName: PROTOCOL_NAME, role, s });
  const heard = new Recorder();
  const answer = (): void => {
    if (state.finished || !state.writesNext) return;
    const message = state.writeMessage(state.turn === 0 ? undefined : payload);
    near.write(Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 0xff), message]));
  };
  heard.onEvent = (name) => {
    if (name !== "data" || state.writesNext) return;
    state.readMessage(heard.chunks.at(-1)!.subarray(2));
    answer();
  };
  near.start(heard);
  near.resume();
  answer();
  return { stream, heard };
}

/** What a side says to such a peer, which then has no more of it than its own message and a reset. */
async function claim(role: Role, payloadFor: (noiseKey: Uint8Array) => Uint8Array, s = generateKeyPair()) {
  const { stream, heard } = claimant(other(role), s, payloadFor(s.publicKey));
  const code = await outcome((role === "initiator" ? connectAs() : acceptAs())(stream, { role }));
  await heard.failed();
  const [message, ...more] = heard.chunks;
  expect(message!.length).toBe(2 + message![0]! * 256 + message![1]!);
  expect({ more, ends: heard.ends, codes: heard.codes }).toEqual({ more: [], ends: 0, codes: ["ECONNRESET"] });
  return code;
}

/** Whom each side is pinned to. */
const expected = { initiator: bob, responder: alice };

describe.each(["initiator", "responder"] as const)("as %s, an identity", (role) => {
  const owner = expected[role];

  it("is refused that signed another static key", async () => {
    const payload = encodePayload(owner, generateKeyPair().publicKey, null);
    expect(await claim(role, () => payload)).toBe("ERR_IDENTITY_SIGNATURE");
  });

  it("is refused that signed a static key which the peer does not hold, but somebody else", async () => {
    const theirs = generateKeyPair();
    const s = { publicKey: theirs.publicKey, privateKey: generateKeyPair().privateKey };
    expect(await claim(role, (key) => encodePayload(owner, key, null), s)).toBe("ERR_HANDSHAKE_DECRYPT");
  });

  it.each(LOW_ORDER)("is refused that signed a static key of low order, %s", async (point) => {
    const s = { publicKey: hex(point), privateKey: generateKeyPair().privateKey };
    expect(await claim(role, (key) => encodePayload(owner, key, null), s)).toBe("ERR_INVALID_KEY");
  });

  it("is refused of one who has stolen our own static key, and poses as its peer with that peer's genuine payload", async () => {
    const [stolen, theirs] = [generateKeyPair(), generateKeyPair()];
    const genuine = encodePayload(owner, theirs.publicKey, null);
    const settings = {
      staticKey: stolen,
      payload: encodePayload(expected[other(role)], stolen.publicKey, null),
      verifier: verifierOf(owner),
      cipher: "node",
    } as const;
    const outcomeFor = async (privateKey: KeyPair["privateKey"]): Promise<string> => {
      const s = { publicKey: theirs.publicKey, privateKey };
      const { stream } = claimant(other(role), s, genuine);
      const shaking = handshake(new HandshakeChannel(stream), settings, role, new AbortController().signal);
      return shaking.then(
        ({ peer }) => peer.peerId,
        ({ code }: { code: string }) => code,
      );
    };
    expect(await outcomeFor(stolen.privateKey)).toBe("ERR_HANDSHAKE_DECRYPT");
    // It is that key alone that it lacks.
    expect(await outcomeFor(theirs.privateKey)).toBe(owner.peerId);
  });

  it("is refused that is not ours to use: a signature of somebody else", async () => {
    const mallory = generateIdentity();
    const posing = { ...mallory, publicKey: owner.publicKey };
    expect(await claim(role, (key) => encodePayload(posing, key, null))).toBe("ERR_IDENTITY_SIGNATURE");
  });

  it("is refused of one who has stolen our own identity key, and poses as somebody else to us", async () => {
    const stolen = { ...(role === "initiator" ? alice : bob), publicKey: owner.publicKey };
    expect(await claim(role, (key) => encodePayload(stolen, key, null))).toBe("ERR_IDENTITY_SIGNATURE");
  });

  it("is refused that is another than the pinned one", async () => {
    expect(await claim(role, (key) => encodePayload(generateIdentity(), key, null))).toBe("ERR_PEER_REFUSED");
  });

  it("is refused that signed something else", async () => {
    const signing = {
      ...owner,
      sign: (message: Uint8Array) => owner.sign(createHash("sha256").update(message).digest()),
    };
    expect(await claim(role, (key) => encodePayload(signing, key, null))).toBe("ERR_IDENTITY_SIGNATURE");
  });

  it.each([
    ["nothing", []],
    ["noise", [0xff, 0xff, 0xff]],
    ["a cut field", [0x0a, 0x20, 0x01]],
    ["a key without a signature", [0x0a, 0x01, 0x01]],
  ])("is refused whose payload is %s", async (_, bytes) => {
    expect(await claim(role, () => Uint8Array.from(bytes))).toBe("ERR_HANDSHAKE_PAYLOAD");
  });

  it("is refused that is of another type, such as secp256k1", async () => {
    const key = [0x08, 0x02, 0x12, 0x21, ...new Array<number>(33).fill(2)];
    const payload = Uint8Array.from([0x0a, key.length, ...key, 0x12, 64, ...new Array<number>(64).fill(1)]);
    expect(await claim(role, () => payload)).toBe("ERR_IDENTITY_TYPE");
  });
});

it("does not tell its identity to a responder that it refuses", async () => {
  const frames: number[] = [];
  const { left, right } = framesBetween(({ frame, number }) => {
    frames.push(number);
    return [frame];
  });
  const refused = connectAs(alice, generateIdentity().peerId)(left, { role: "initiator" });
  const accepting = outcome(acceptAs()(right, { role: "responder" }));
  await expect(refused).rejects.toMatchObject({ code: "ERR_PEER_REFUSED" });
  expect(await accepting).toBe("ERR_HANDSHAKE_CLOSED");
  expect(frames).toEqual([0, 1]);
});
