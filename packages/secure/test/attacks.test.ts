import { createHash } from "node:crypto";
import { type ByteStream, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { generateIdentity, generateKeyPair, HandshakeState, type Role, secure, type Upgraded } from "../src/index.js";
import { encodePayload } from "../src/session/handshake-payload.js";
import { framesBetween, type Meddle } from "./meddler.js";
import { alice, bob, text } from "./sessions.js";

/** Long enough for a busy machine: nothing here waits for it but what loses bytes of a length. */
const PATIENT_MS = 20_000;

/** For what is waited for until its deadline. */
const IMPATIENT_MS = 30;

const connectAs = (identity = alice, verify = bob.peerId, handshakeTimeoutMs = PATIENT_MS) =>
  secure({ identity, verify, handshakeTimeoutMs });
const acceptAs = (identity = bob, verify = alice.peerId, handshakeTimeoutMs = PATIENT_MS) =>
  secure({ identity, verify, handshakeTimeoutMs });

/** Both sides, made once: a handshake for each byte then makes no static keys. */
const sides = (timeoutMs: number) => ({
  connect: connectAs(alice, bob.peerId, timeoutMs),
  accept: acceptAs(bob, alice.peerId, timeoutMs),
});
const [patient, impatient] = [sides(PATIENT_MS), sides(IMPATIENT_MS)];

/** The outcome of each side: its error's code, or "secured". */
async function outcomes(meddle: Meddle, by = patient): Promise<{ initiator: string; responder: string }> {
  const { left, right } = framesBetween(meddle);
  const [initiator, responder] = await Promise.all([
    outcome(by.connect(left, { role: "initiator" })),
    outcome(by.accept(right, { role: "responder" })),
  ]);
  return { initiator, responder };
}

async function outcome(upgraded: Promise<Upgraded>): Promise<string> {
  try {
    const { stream } = await upgraded;
    // Secured as far as it can tell: what the other side refused shows as the stream's failure.
    const recorder = new Recorder();
    stream.start(recorder);
    stream.resume();
    await recorder.until("an end or an error", () => recorder.ends + recorder.errors.length > 0);
    return recorder.length === 0 && recorder.ends === 0 ? String(recorder.codes[0]) : "secured";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const REFUSALS = ["ERR_NOT_NOISE", "ERR_HANDSHAKE_DECRYPT", "ERR_INVALID_KEY", "ERR_HANDSHAKE_CLOSED", "ECONNRESET"];

/** Length of each handshake message with its header: e; e, s and payload; s and payload. */
const LENGTHS = await handshakeLengths();

async function handshakeLengths(): Promise<number[]> {
  const lengths: number[] = [];
  const { left, right } = framesBetween(({ frame }) => {
    lengths.push(frame.length);
    return [frame];
  });
  const [one, two] = await Promise.all([
    connectAs()(left, { role: "initiator" }),
    acceptAs()(right, { role: "responder" }),
  ]);
  one.stream.close();
  two.stream.close();
  return lengths;
}

describe("a handshake", () => {
  it("has three messages", () => {
    expect(LENGTHS).toHaveLength(3);
    expect(LENGTHS[0]).toBe(34);
  });

  it.each([0, 1, 2])("fails when any byte of message %i is flipped", async (index) => {
    for (let at = 0; at < LENGTHS[index]!; at++) {
      // A length that grew is waited for, until the deadline.
      const ofLength = at < 2;
      const { initiator, responder } = await outcomes(
        ({ frame, number }) => (number === index ? [frame.map((byte, i) => (i === at ? byte ^ 0x40 : byte))] : [frame]),
        ofLength ? impatient : patient,
      );
      const expected = ofLength ? [...REFUSALS, "ERR_HANDSHAKE_TIMEOUT"] : REFUSALS;
      expect(expected, `initiator, byte ${at}`).toContain(initiator);
      expect(expected, `responder, byte ${at}`).toContain(responder);
    }
  });

  it.each([0, 1, 2])("fails when message %i is cut, wherever", async (index) => {
    for (let length = 0; length < LENGTHS[index]!; length += 7) {
      const { initiator, responder } = await outcomes(({ frame, number, end }) => {
        if (number < index) return [frame];
        end();
        return number === index ? [frame.subarray(0, length)] : [];
      });
      expect([initiator, responder].every((code) => REFUSALS.includes(code))).toBe(true);
    }
  });

  it.each([0, 1])("fails when message %i comes twice", async (index) => {
    const { initiator, responder } = await outcomes(({ frame, number }) =>
      number === index ? [frame, frame] : [frame],
    );
    expect([initiator, responder]).toContain(index === 0 ? "ERR_NOT_NOISE" : "ERR_DECRYPT");
  });

  it("takes its last message twice for a forged one after it, and delivers nothing", async () => {
    const { responder } = await outcomes(({ frame, number }) => (number === 2 ? [frame, frame] : [frame]));
    expect(responder).toBe("ERR_DECRYPT");
  });

  it("fails when its own messages come back", async () => {
    const [left, right] = streamPair();
    right.start({ onData: (chunk) => right.write(chunk), onEnd: () => right.end(), onDrain() {}, onError() {} });
    right.resume();
    await expect(connectAs()(left, { role: "initiator" })).rejects.toMatchObject({ code: "ERR_NOT_NOISE" });
  });

  it.each([1, 2])("fails when message %i is that of another session", async (index) => {
    const recorded: Uint8Array[] = [];
    const first = framesBetween(({ frame }) => {
      recorded.push(frame.slice());
      return [frame];
    });
    const upgraded = await Promise.all([
      connectAs()(first.left, { role: "initiator" }),
      acceptAs()(first.right, { role: "responder" }),
    ]);
    for (const { stream } of upgraded) stream.close();
    const { initiator, responder } = await outcomes(({ frame, number }) => [
      number === index ? recorded[index]! : frame,
    ]);
    expect([initiator, responder]).toContain("ERR_HANDSHAKE_DECRYPT");
  });

  it.each(["initiator", "responder"] as const)("fails as %s when the peer's key is of low order", async (role) => {
    const lowOrder = new Uint8Array(32);
    const { initiator, responder } = await outcomes(({ frame, number }) =>
      number === (role === "initiator" ? 1 : 0)
        ? [Buffer.concat([frame.subarray(0, 2), lowOrder, frame.subarray(34)])]
        : [frame],
    );
    expect({ initiator, responder }[role]).toBe("ERR_INVALID_KEY");
  });
});

/** A peer that does everything right but for what it says of its identity. */
async function claim(role: Role, payloadFor: (noiseKey: Uint8Array) => Uint8Array): Promise<string> {
  const [left, right] = streamPair();
  const s = generateKeyPair();
  const state = new HandshakeState({ protocolName: "Noise_XX_25519_ChaChaPoly_SHA256", role: other(role), s });
  const answer = (): void => {
    while (!state.finished && state.writesNext) {
      const message = state.writeMessage(state.turn === 0 ? undefined : payloadFor(s.publicKey));
      right.write(Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 0xff), message]));
    }
  };
  right.start({
    onData(chunk) {
      state.readMessage(chunk.subarray(2));
      answer();
    },
    onEnd() {},
    onDrain() {},
    onError() {},
  });
  right.resume();
  answer();
  return outcome((role === "initiator" ? connectAs() : acceptAs())(left, { role }));
}

const other = (role: Role): Role => (role === "initiator" ? "responder" : "initiator");
/** Whom each side is pinned to. */
const expected = { initiator: bob, responder: alice };

describe.each(["initiator", "responder"] as const)("as %s, an identity", (role) => {
  const owner = expected[role];

  it("is refused that signed another static key", async () => {
    const payload = encodePayload(owner, generateKeyPair().publicKey, null);
    expect(await claim(role, () => payload)).toBe("ERR_IDENTITY_SIGNATURE");
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

describe("a session", () => {
  /** Alice sends four messages of ten bytes; what becomes of them on the way is `meddle`'s. */
  async function heard(meddle: Meddle): Promise<{ text: string; codes: unknown[]; ends: number }> {
    const { left, right } = framesBetween(meddle);
    const [initiator, responder] = await Promise.all([
      connectAs()(left, { role: "initiator" }),
      acceptAs()(right, { role: "responder" }),
    ]);
    const recorder = new Recorder();
    const sending: ByteStream = initiator.stream;
    sending.start(new Recorder());
    responder.stream.start(recorder);
    responder.stream.resume();
    for (const word of ["message 1.", "message 2.", "message 3.", "message 4."]) {
      sending.write(text(word));
      await Promise.resolve();
    }
    sending.end();
    await recorder.until("an end or an error", () => recorder.ends + recorder.errors.length > 0);
    return { text: recorder.text, codes: recorder.codes, ends: recorder.ends };
  }

  // Of the frames that pass, 0 to 2 are the handshake, 3 to 6 messages, 7 the mark of the end.
  it("carries all to its end", async () => {
    expect(await heard(({ frame }) => [frame])).toEqual({
      text: "message 1.message 2.message 3.message 4.",
      codes: [],
      ends: 1,
    });
  });

  let held: Uint8Array | null = null;
  const attacks: [string, Meddle, string][] = [
    ["repeated", ({ frame, number }) => (number === 4 ? [frame, frame] : [frame]), "message 1.message 2."],
    ["dropped", ({ frame, number }) => (number === 4 ? [] : [frame]), "message 1."],
    [
      "reordered",
      ({ frame, number }) => {
        if (number !== 4) return number === 5 ? [frame, held!] : [frame];
        held = frame.slice();
        return [];
      },
      "message 1.",
    ],
    [
      "changed",
      ({ frame, number }) => [number === 5 ? frame.map((b, i) => (i === 5 ? b ^ 1 : b)) : frame],
      "message 1.message 2.",
    ],
    ["empty", ({ frame, number }) => [number === 4 ? Uint8Array.of(0, 0) : frame], "message 1."],
    ["too short for a tag", ({ frame, number }) => [number === 4 ? Uint8Array.of(0, 3, 1, 2, 3) : frame], "message 1."],
    [
      "told after the end",
      ({ frame, number }) => (number === 7 ? [frame, frame] : [frame]),
      "message 1.message 2.message 3.message 4.",
    ],
  ];
  it.each(attacks)("delivers what came before a message that is %s, and fails", async (_, meddle, before) => {
    expect(await heard(meddle)).toEqual({ text: before, codes: ["ERR_DECRYPT"], ends: 0 });
  });

  it.each([3, 4, 7])("fails when it is cut before frame %i, although the stream below ends cleanly", async (at) => {
    const { codes, ends } = await heard(({ frame, number, end }) => {
      if (number === at) end();
      return number < at ? [frame] : [];
    });
    expect({ codes, ends }).toEqual({ codes: ["ERR_TRUNCATED"], ends: 0 });
  });

  it("fails when it is cut inside a message, wherever", async () => {
    for (let length = 1; length < 28; length++) {
      const { text: before, codes } = await heard(({ frame, number, end }) => {
        if (number < 5) return [frame];
        end();
        return number === 5 ? [frame.subarray(0, length)] : [];
      });
      expect({ before, codes }).toEqual({ before: "message 1.message 2.", codes: ["ERR_TRUNCATED"] });
    }
  });
});
