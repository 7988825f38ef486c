import { libcrypto } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { generateKeyPair, HandshakeState, type Role } from "../src/index.js";
import { SymmetricState } from "../src/noise/symmetric-state.js";
import { outcomes } from "./attacked.js";
import { recorders, session, text } from "./sessions.js";

describe("a session over libcrypto frees its keys", () => {
  /** The contexts that were made, which have keys, and not freed, which wipes these. Those of before are none of ours. */
  const live = new Set<number>();
  let made = 0;
  beforeEach(() => {
    live.clear();
    made = 0;
    const calls = libcrypto();
    const { EVP_CIPHER_CTX_new, EVP_CIPHER_CTX_free } = calls;
    vi.spyOn(calls, "EVP_CIPHER_CTX_new").mockImplementation(() => {
      const context = EVP_CIPHER_CTX_new();
      live.add(Number(context));
      made++;
      return context;
    });
    vi.spyOn(calls, "EVP_CIPHER_CTX_free").mockImplementation((context) => {
      live.delete(context);
      EVP_CIPHER_CTX_free(context);
    });
  });
  afterEach(() => vi.restoreAllMocks());

  const options = { initiator: { cipher: "libcrypto" }, responder: { cipher: "libcrypto" } } as const;

  it.each(["close", "abort"] as const)("at %s, those of its handshake before", async (how) => {
    const { initiator, responder } = await session(options);
    // Each direction has one key on each side.
    expect(live.size).toBe(4);
    for (const { stream } of [initiator, responder]) stream[how]();
    expect(made).toBeGreaterThan(4);
    expect(live.size).toBe(0);
  });

  it("when they are replaced", async () => {
    const rekey = { rekey: { messages: 1 }, cipher: "libcrypto" } as const;
    const sides = await session({ initiator: rekey, responder: rekey });
    const before = made;
    const [, atResponder] = recorders(sides);
    sides.initiator.stream.write(text("one"));
    await atResponder.received(3);
    expect(made - before).toBe(2);
    expect(live.size).toBe(4);
    for (const { stream } of Object.values(sides)) stream.close();
    expect(live.size).toBe(0);
  });

  it("when the peer is lost", async () => {
    const sides = await session(options);
    const [, atResponder] = recorders(sides);
    sides.initiator.stream.abort();
    await atResponder.failed();
    expect(live.size).toBe(0);
  });

  it.each([1, 2])("when message %i of its handshake is forged", async (index) => {
    const codes = await outcomes(({ frame, number }) =>
      number === index ? [frame.map((byte, i) => (i === 50 ? byte ^ 1 : byte))] : [frame],
    );
    expect(Object.values(codes)).toContain("ERR_HANDSHAKE_DECRYPT");
    expect(made).toBeGreaterThan(0);
    expect(live.size).toBe(0);
  });
});

describe("a handshake overwrites its secrets", () => {
  /** What was mixed in, as it was then, and the memory that it was in. */
  const mixed: { copy: Uint8Array; memory: Uint8Array }[] = [];
  beforeEach(() => {
    mixed.length = 0;
    for (const name of ["mixKey", "mixKeyAndHash"] as const) {
      const original = SymmetricState.prototype[name];
      vi.spyOn(SymmetricState.prototype, name).mockImplementation(function (this: SymmetricState, input: Uint8Array) {
        mixed.push({ copy: new Uint8Array(input), memory: input });
        original.call(this, input);
      });
    }
  });
  afterEach(() => vi.restoreAllMocks());

  it("which are what X25519 yields, and its copies of pre-shared keys, as soon as they are mixed in", () => {
    const psk = new Uint8Array(32).fill(7);
    const state = (role: Role): HandshakeState =>
      new HandshakeState({
        protocolName: "Noise_XXpsk3_25519_ChaChaPoly_SHA256",
        role,
        s: generateKeyPair(),
        psks: [psk],
      });
    const [initiator, responder] = [state("initiator"), state("responder")];
    responder.readMessage(initiator.writeMessage());
    initiator.readMessage(responder.writeMessage());
    responder.readMessage(initiator.writeMessage());
    // With a pre-shared key ephemeral ones are mixed in, too; they are public, and sent.
    const secrets = mixed.filter(({ memory }) => memory.every((byte) => byte === 0));
    // On each side: ee, es, se and psk.
    expect(secrets).toHaveLength(8);
    expect(secrets.every(({ copy }) => copy.some((byte) => byte !== 0))).toBe(true);
    expect(secrets.filter(({ copy }) => Buffer.compare(copy, psk) === 0)).toHaveLength(2);
    expect(mixed).toHaveLength(8 + 4);
    expect(psk).toEqual(new Uint8Array(32).fill(7));
  });
});
