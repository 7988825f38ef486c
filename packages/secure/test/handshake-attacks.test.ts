import { streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { generateKeyPair } from "../src/index.js";
import { acceptAs, answering, connectAs, impatient, outcomes, patient, recordSession } from "./attacked.js";
import { LOW_ORDER } from "./low-order.js";
import { hex } from "./vectors.js";

const REFUSALS = ["ERR_NOT_NOISE", "ERR_HANDSHAKE_DECRYPT", "ERR_INVALID_KEY", "ERR_HANDSHAKE_CLOSED", "ECONNRESET"];

/** Length of each handshake message with its header: e; e, s and payload; s and payload. */
const LENGTHS = (await recordSession()).map(({ length }) => length);

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
    for (let length = 0; length < LENGTHS[index]!; length++) {
      const { initiator, responder } = await outcomes(({ frame, number, end }) => {
        if (number < index) return [frame];
        end();
        return number === index ? [frame.subarray(0, length)] : [];
      });
      expect(REFUSALS, `initiator, ${length} bytes`).toContain(initiator);
      expect(REFUSALS, `responder, ${length} bytes`).toContain(responder);
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

  it("fails when the initiator's own message comes back", async () => {
    const [left, right] = streamPair();
    answering(right, (chunk) => chunk);
    await expect(connectAs()(left, { role: "initiator" })).rejects.toMatchObject({ code: "ERR_NOT_NOISE" });
  });

  it("fails when the responder's own message comes back", async () => {
    const [left, right] = streamPair();
    answering(left, (chunk) => chunk);
    left.write(Buffer.concat([Uint8Array.of(0, 32), generateKeyPair().publicKey]));
    await expect(acceptAs()(right, { role: "responder" })).rejects.toMatchObject({ code: "ERR_HANDSHAKE_DECRYPT" });
  });

  it.each([1, 2])("fails when message %i is that of another session", async (index) => {
    const recorded = await recordSession();
    const { initiator, responder } = await outcomes(({ frame, number }) => [
      number === index ? recorded[index]! : frame,
    ]);
    expect([initiator, responder]).toContain("ERR_HANDSHAKE_DECRYPT");
  });

  it("fails when all of an initiator's messages are those of another session with the same responder", async () => {
    const recorded = await recordSession();
    const [left, right] = streamPair();
    answering(left, () => recorded[2]!);
    left.write(recorded[0]!);
    await expect(patient.accept(right, { role: "responder" })).rejects.toMatchObject({ code: "ERR_HANDSHAKE_DECRYPT" });
  });

  const roles = ["initiator", "responder"] as const;
  it.each(roles.flatMap((role) => LOW_ORDER.map((point) => ({ role, point }))))(
    "fails as $role when the peer's ephemeral key is of low order: $point",
    async ({ role, point }) => {
      const { initiator, responder } = await outcomes(({ frame, number }) =>
        number === (role === "initiator" ? 1 : 0)
          ? [Buffer.concat([frame.subarray(0, 2), hex(point), frame.subarray(34)])]
          : [frame],
      );
      expect({ initiator, responder }[role]).toBe("ERR_INVALID_KEY");
    },
  );
});
