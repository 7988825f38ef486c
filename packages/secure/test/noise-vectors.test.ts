import { describe, expect, it } from "vitest";
import type { CipherState } from "../src/noise/cipher-state.js";
import { keyPairFrom } from "../src/noise/dh-functions.js";
import { type HandshakeOptions, HandshakeState } from "../src/noise/handshake-state.js";
import type { Role } from "../src/noise/patterns.js";
import { hex, toHex, vectors } from "./vectors.js";

type Side = "init" | "resp";
type Field = "prologue" | "static" | "ephemeral" | "remote_static";

interface Vector extends Partial<Record<`${Side}_${Field}`, string>> {
  protocol_name: string;
  handshake_hash: string;
  messages: { payload: string; ciphertext: string }[];
  init_psks?: string[];
  resp_psks?: string[];
}

const file = vectors<{ vectors: Vector[] }>("noise-25519-chachapoly.json");

function options(vector: Vector, role: Role, cipher: "libcrypto" | "node"): HandshakeOptions {
  const side: Side = role === "initiator" ? "init" : "resp";
  const field = (name: Field): string | undefined => vector[`${side}_${name}`];
  const [s, e, rs] = [field("static"), field("ephemeral"), field("remote_static")];
  return {
    protocolName: vector.protocol_name,
    role,
    cipher,
    prologue: hex(field("prologue") ?? ""),
    psks: (vector[`${side}_psks`] ?? []).map(hex),
    ...(s === undefined ? {} : { s: keyPairFrom(hex(s)) }),
    ...(e === undefined ? {} : { e: keyPairFrom(hex(e)) }),
    ...(rs === undefined ? {} : { rs: hex(rs) }),
  };
}

describe.runIf(file !== null).each(["libcrypto", "node"] as const)("Noise over %s", (cipher) => {
  it.each(file?.vectors ?? [])("$protocol_name writes and reads as published", (vector) => {
    const initiator = new HandshakeState(options(vector, "initiator", cipher));
    const responder = new HandshakeState(options(vector, "responder", cipher));
    const oneWay = /^Noise_[NKX](psk\d)?_/.test(vector.protocol_name);
    let transport: { from: CipherState; to: CipherState }[] = [];
    for (const [i, { payload, ciphertext }] of vector.messages.entries()) {
      if (transport.length > 0) {
        const { from, to } = transport[oneWay ? 0 : i % 2]!;
        expect(toHex(from.encryptWithAd(new Uint8Array(0), hex(payload)))).toBe(ciphertext);
        expect(toHex(to.decryptWithAd(new Uint8Array(0), hex(ciphertext)))).toBe(payload);
        continue;
      }
      const [writer, reader] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
      expect(toHex(writer.writeMessage(hex(payload)))).toBe(ciphertext);
      expect(toHex(reader.readMessage(hex(ciphertext)))).toBe(payload);
      if (!initiator.finished) continue;
      expect(toHex(initiator.handshakeHash)).toBe(vector.handshake_hash);
      expect(toHex(responder.handshakeHash)).toBe(vector.handshake_hash);
      const [ours, theirs] = [initiator.split(), responder.split()];
      transport = [
        { from: ours.send, to: theirs.receive },
        { from: theirs.send, to: ours.receive },
      ];
    }
    expect(transport).toHaveLength(2);
  });
});
