import { describe, expect, it } from "vitest";
import {
  generateKeyPair,
  type HandshakeOptions,
  HandshakeState,
  type KeyPair,
  MAX_NONCE,
  PATTERNS,
} from "../src/index.js";
import { text } from "./sessions.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });
const NONE = new Uint8Array(0);

function pairOf(protocolName: string, options: Partial<HandshakeOptions> = {}): [HandshakeState, HandshakeState] {
  const own = (role: "initiator" | "responder"): HandshakeState =>
    new HandshakeState({ protocolName, role, ...options });
  return [own("initiator"), own("responder")];
}

/** Shakes hands to the end, with nothing to say. */
function finish([initiator, responder]: readonly [HandshakeState, HandshakeState]): void {
  while (!initiator.finished) {
    if (initiator.writesNext) responder.readMessage(initiator.writeMessage());
    else initiator.readMessage(responder.writeMessage());
  }
}

describe("a Noise handshake", () => {
  it("has the patterns of the specification: 3 one-way, 12 fundamental, 23 deferred", () => {
    const names = Object.keys(PATTERNS);
    expect(names.filter((name) => name.length === 1)).toEqual(["N", "K", "X"]);
    expect(names.filter((name) => /^[NKXI]{2}$/.test(name))).toHaveLength(12);
    expect(names.filter((name) => /1/.test(name))).toHaveLength(23);
    expect(names).toHaveLength(38);
  });

  it.each(["SHA256", "SHA512", "BLAKE2s", "BLAKE2b"])(
    "ends in keys and a hash that both sides share, with %s",
    (hash) => {
      const s = generateKeyPair();
      const pair = pairOf(`Noise_XX_25519_ChaChaPoly_${hash}`, { s });
      finish(pair);
      const [initiator, responder] = pair;
      expect(initiator.handshakeHash).toEqual(responder.handshakeHash);
      expect(initiator.remoteStatic).toEqual(s.publicKey);
      const [ours, theirs] = [initiator.split(), responder.split()];
      for (const word of ["one", "two"]) {
        expect(theirs.receive.decryptWithAd(NONE, ours.send.encryptWithAd(NONE, text(word)))).toEqual(text(word));
        expect(ours.receive.decryptWithAd(NONE, theirs.send.encryptWithAd(NONE, text(word)))).toEqual(text(word));
      }
    },
  );

  it("takes several pre-shared keys, in order, and leaves the caller's as they are", () => {
    const psks = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    finish(pairOf("Noise_NNpsk0+psk2_25519_ChaChaPoly_SHA256", { psks }));
    expect(psks).toEqual([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
  });

  it.each([
    ["another prologue", { prologue: text("a") }, { prologue: text("b") }, "NN"],
    ["another pre-shared key", { psks: [new Uint8Array(32)] }, { psks: [new Uint8Array(32).fill(1)] }, "NNpsk0"],
  ] as const)("fails with %s", (_, ours, theirs, pattern) => {
    const protocolName = `Noise_${pattern}_25519_ChaChaPoly_SHA256`;
    const initiator = new HandshakeState({ protocolName, role: "initiator", ...ours });
    const responder = new HandshakeState({ protocolName, role: "responder", ...theirs });
    expect(() => {
      responder.readMessage(initiator.writeMessage());
      initiator.readMessage(responder.writeMessage());
    }).toThrow(code("ERR_DECRYPT"));
  });

  it.each([
    "Noise_XX_448_ChaChaPoly_SHA256",
    "Noise_XX_25519_AESGCM_SHA256",
    "Noise_XX_25519_ChaChaPoly_MD5",
    "Noise_XY_25519_ChaChaPoly_SHA256",
    "Noise_NNpsk3_25519_ChaChaPoly_SHA256",
    "Noise_NNpsk0+psk0_25519_ChaChaPoly_SHA256",
    "Noise_toString_25519_ChaChaPoly_SHA256",
    "Noise_XX_25519_ChaChaPoly_constructor",
    "Noise_XX_25519_ChaChaPoly_toString",
    "XX",
  ])("knows no protocol %s", (protocolName) => {
    expect(() => new HandshakeState({ protocolName, role: "initiator" })).toThrow(code("ERR_NOISE_PROTOCOL"));
  });

  it("says which key is missing", () => {
    const options = { protocolName: "Noise_NK_25519_ChaChaPoly_SHA256", role: "initiator" } as const;
    expect(() => new HandshakeState(options)).toThrow(
      expect.objectContaining({
        code: "ERR_HANDSHAKE_STATE",
        message: "rs: expected a key, as Noise_NK_25519_ChaChaPoly_SHA256 needs it, got none",
      }),
    );
    expect(() => pairOf("Noise_NNpsk0_25519_ChaChaPoly_SHA256")).toThrow(code("ERR_HANDSHAKE_STATE"));
    expect(() => pairOf("Noise_NNpsk0_25519_ChaChaPoly_SHA256", { psks: [new Uint8Array(31)] })).toThrow(
      code("ERR_INVALID_ARG_VALUE"),
    );
  });

  it("goes in turns, splits once, and only at its end", () => {
    const [initiator, responder] = pairOf("Noise_NN_25519_ChaChaPoly_SHA256");
    expect(() => responder.writeMessage()).toThrow(code("ERR_HANDSHAKE_STATE"));
    expect(() => initiator.readMessage(NONE)).toThrow(code("ERR_HANDSHAKE_STATE"));
    expect(() => initiator.handshakeHash).toThrow(code("ERR_HANDSHAKE_STATE"));
    expect(() => initiator.split()).toThrow(code("ERR_HANDSHAKE_STATE"));
    finish([initiator, responder]);
    initiator.split();
    expect(() => initiator.split()).toThrow(code("ERR_HANDSHAKE_STATE"));
    expect(() => initiator.writeMessage()).toThrow(code("ERR_HANDSHAKE_STATE"));
  });

  it("stays failed: what was refused cannot be tried again", () => {
    const [initiator, responder] = pairOf("Noise_NN_25519_ChaChaPoly_SHA256");
    responder.readMessage(initiator.writeMessage());
    const message = responder.writeMessage();
    const forged = Uint8Array.from(message, (byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(() => initiator.readMessage(forged)).toThrow(code("ERR_DECRYPT"));
    expect(() => initiator.readMessage(message)).toThrow(code("ERR_HANDSHAKE_STATE"));
  });

  it("writes and reads no message above 65,535 bytes", () => {
    const [initiator, responder] = pairOf("Noise_NN_25519_ChaChaPoly_SHA256");
    const message = initiator.writeMessage(new Uint8Array(65_535 - 32));
    expect(responder.readMessage(message)).toHaveLength(65_503);
    const [another] = pairOf("Noise_NN_25519_ChaChaPoly_SHA256");
    expect(() => another.writeMessage(new Uint8Array(65_504))).toThrow(code("ERR_MESSAGE_TOO_LARGE"));
    const [, reader] = pairOf("Noise_NN_25519_ChaChaPoly_SHA256");
    expect(() => reader.readMessage(new Uint8Array(65_536))).toThrow(code("ERR_MESSAGE_TOO_LARGE"));
  });

  it.each(["initiator", "responder"] as const)(
    "of XX cannot be impersonated to the %s whose static key was stolen",
    (role) => {
      const protocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
      const [stolen, peer] = [generateKeyPair(), generateKeyPair()];
      const run = (privateKey: KeyPair["privateKey"]): HandshakeState => {
        const victim = new HandshakeState({ protocolName, role, s: stolen });
        const posing = { publicKey: peer.publicKey, privateKey };
        const attackers = role === "initiator" ? "responder" : "initiator";
        const attacker = new HandshakeState({ protocolName, role: attackers, s: posing });
        finish(role === "initiator" ? [victim, attacker] : [attacker, victim]);
        return victim;
      };
      expect(() => run(stolen.privateKey)).toThrow(code("ERR_DECRYPT"));
      expect(() => run(generateKeyPair().privateKey)).toThrow(code("ERR_DECRYPT"));
      expect(run(peer.privateKey).remoteStatic).toEqual(peer.publicKey);
    },
  );

  it("has fresh ephemeral keys each time, whatever its static ones, and so other keys", () => {
    const s = generateKeyPair();
    const shake = () => {
      const [initiator, responder] = pairOf("Noise_XX_25519_ChaChaPoly_SHA256", { s });
      const first = initiator.writeMessage();
      responder.readMessage(first);
      const second = responder.writeMessage();
      initiator.readMessage(second);
      responder.readMessage(initiator.writeMessage());
      const { send } = initiator.split();
      const sealed = send.encryptWithAd(NONE, text("same"));
      return { ephemerals: [first.slice(0, 32), second.slice(0, 32)], sealed };
    };
    const runs = Array.from({ length: 20 }, shake);
    const distinct = (values: readonly Uint8Array[]): number =>
      new Set(values.map((v) => Buffer.from(v).toString("hex"))).size;
    expect(distinct([s.publicKey, ...runs.flatMap(({ ephemerals }) => ephemerals)])).toBe(41);
    expect(distinct(runs.map(({ sealed }) => sealed))).toBe(20);
  });
});

describe.each(["libcrypto", "node"] as const)("a cipher state over %s", (cipher) => {
  const transport = () => {
    const pair = pairOf("Noise_NN_25519_ChaChaPoly_SHA256", { cipher });
    finish(pair);
    return { send: pair[0].split().send, receive: pair[1].split().receive };
  };

  it("never uses a nonce twice: it refuses at the last", () => {
    const { send, receive } = transport();
    send.setNonce(MAX_NONCE - 1);
    receive.setNonce(MAX_NONCE - 1);
    expect(receive.decryptWithAd(NONE, send.encryptWithAd(NONE, text("last")))).toEqual(text("last"));
    expect(() => send.encryptWithAd(NONE, text("x"))).toThrow(code("ERR_NONCE_EXHAUSTED"));
    expect(() => receive.decryptWithAd(NONE, new Uint8Array(17))).toThrow(code("ERR_NONCE_EXHAUSTED"));
    expect(() => send.rekey()).toThrow(code("ERR_NONCE_EXHAUSTED"));
    expect(send.nonce).toBe(MAX_NONCE);
  });

  it.each([0xffff_ffff, 2 ** 40 + 5])("counts beyond 32 bits: from %i", (nonce) => {
    const { send, receive } = transport();
    send.setNonce(nonce);
    const first = send.encryptWithAd(NONE, text("same"));
    const second = send.encryptWithAd(NONE, text("same"));
    expect(first).not.toEqual(second);
    receive.setNonce(nonce);
    expect(receive.decryptWithAd(NONE, first)).toEqual(text("same"));
    receive.setNonce(nonce + 1);
    expect(receive.decryptWithAd(NONE, second)).toEqual(text("same"));
  });

  it.each([Number.NaN, 0.5, -1, MAX_NONCE + 1, Number.POSITIVE_INFINITY, "1" as unknown as number])(
    "takes no nonce that it could not count on from: %s",
    (nonce) => {
      const { send, receive } = transport();
      receive.decryptWithAd(NONE, send.encryptWithAd(NONE, text("one")));
      expect(() => send.setNonce(nonce)).toThrow(
        expect.objectContaining({
          code: "ERR_OUT_OF_RANGE",
          message: `nonce: expected an integer from 0 to ${MAX_NONCE}, got ${nonce}`,
        }),
      );
      expect(send.nonce).toBe(1);
      expect(receive.decryptWithAd(NONE, send.encryptWithAd(NONE, text("two")))).toEqual(text("two"));
    },
  );

  it("keeps its nonce when what comes is forged", () => {
    const { send, receive } = transport();
    const sealed = send.encryptWithAd(NONE, text("real"));
    expect(() => receive.decryptWithAd(NONE, new Uint8Array(20))).toThrow(code("ERR_DECRYPT"));
    expect(() => receive.decryptWithAd(NONE, new Uint8Array(3))).toThrow(code("ERR_DECRYPT"));
    expect(receive.decryptWithAd(NONE, sealed)).toEqual(text("real"));
  });

  it("goes on under another key after a rekey, which both sides make, and which does not reset the nonce", () => {
    const { send, receive } = transport();
    const before = send.encryptWithAd(NONE, text("same"));
    receive.decryptWithAd(NONE, before);
    send.rekey();
    const sealed = send.encryptWithAd(NONE, text("after"));
    expect(() => receive.decryptWithAd(NONE, sealed)).toThrow(code("ERR_DECRYPT"));
    receive.rekey();
    expect(receive.decryptWithAd(NONE, sealed)).toEqual(text("after"));
    expect(send.nonce).toBe(2);
  });

  it("lets nothing through once it is wiped", () => {
    const { send, receive } = transport();
    send.wipe();
    receive.wipe();
    expect(() => send.encryptWithAd(NONE, text("x"))).toThrow(code("ERR_KEY_WIPED"));
    expect(() => receive.decryptWithAd(NONE, new Uint8Array(17))).toThrow(code("ERR_KEY_WIPED"));
  });
});
