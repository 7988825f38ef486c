import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { keyPairFrom } from "../src/noise/dh-functions.js";
import { HandshakeState } from "../src/noise/handshake-state.js";
import type { Role } from "../src/noise/patterns.js";
import { text } from "./sessions.js";

interface TheirKeys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The parts of the published package that the test uses: it has no types. */
interface TheirNoise {
  readonly hash: Uint8Array;
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
  initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
  send(payload: Uint8Array): Uint8Array;
  recv(message: Uint8Array): Uint8Array;
}
interface TheirCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

const require = createRequire(import.meta.url);
const Noise = require("noise-handshake") as new (
  pattern: string,
  initiator: boolean,
  keys: TheirKeys,
  options?: { psk?: Uint8Array },
) => TheirNoise;
const Cipher = require("noise-handshake/cipher") as new (key: Uint8Array) => TheirCipher;
const curve = require("noise-handshake/dh") as { generateKeyPair(): TheirKeys };

const roles: Role[] = ["initiator", "responder"];
const cases = ["NN", "XX", "IK", "XK", "XXpsk0"].flatMap((pattern) =>
  roles.flatMap((role) => (["libcrypto", "node"] as const).map((cipher) => ({ pattern, role, cipher }))),
);

describe("Noise with the package noise-handshake", () => {
  it.each(cases)("shakes hands and talks as $role of $pattern, over $cipher", ({ pattern, role, cipher }) => {
    const theirKeys = curve.generateKeyPair();
    const ourKeys = keyPairFrom(curve.generateKeyPair().secretKey);
    const prologue = text("prologue");
    const psk = new Uint8Array(32).fill(9);
    const usesPsk = pattern.endsWith("psk0");
    const ours = new HandshakeState({
      protocolName: `Noise_${pattern}_25519_ChaChaPoly_BLAKE2b`,
      role,
      cipher,
      prologue,
      ...(pattern === "NN" ? {} : { s: ourKeys }),
      ...(pattern.endsWith("K") && role === "initiator" ? { rs: theirKeys.publicKey } : {}),
      psks: usesPsk ? [psk] : [],
    });
    const theirs = new Noise(pattern, role === "responder", theirKeys, usesPsk ? { psk } : {});
    theirs.initialise(Buffer.from(prologue), pattern.endsWith("K") ? Buffer.from(ourKeys.publicKey) : undefined);

    while (!ours.finished) {
      const payload = text(`payload of message ${ours.turn}`);
      const received = ours.writesNext
        ? theirs.recv(Buffer.from(ours.writeMessage(payload)))
        : ours.readMessage(theirs.send(Buffer.from(payload)));
      expect(Buffer.from(received).equals(payload)).toBe(true);
    }
    expect(Buffer.from(theirs.hash).equals(ours.handshakeHash)).toBe(true);
    const { send, receive } = ours.split();
    const [theirSend, theirReceive] = [new Cipher(theirs.tx), new Cipher(theirs.rx)];
    const none = new Uint8Array(0);
    for (const word of ["one", "two"]) {
      const heard = theirReceive.decrypt(Buffer.from(send.encryptWithAd(none, text(word))));
      expect(Buffer.from(heard).toString()).toBe(word);
      expect(Buffer.from(receive.decryptWithAd(none, theirSend.encrypt(Buffer.from(word)))).toString()).toBe(word);
    }
  });
});
