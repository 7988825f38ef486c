import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { recordSession } from "./attacked.js";
import { framesBetween, type Meddle } from "./meddler.js";
import { sessionOver, text } from "./sessions.js";

describe.each(["libcrypto", "node"] as const)("a session sealed by %s", (cipher) => {
  const options = { initiator: { cipher }, responder: { cipher } };

  /** Alice sends four messages of ten bytes; what becomes of them on the way is `meddle`'s. */
  async function heard(meddle: Meddle): Promise<{ text: string; codes: unknown[]; ends: number }> {
    const { left, right } = framesBetween(meddle);
    const { initiator, responder } = await sessionOver([left, right], options);
    const recorder = new Recorder();
    const sending = initiator.stream;
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

  it("delivers nothing of another session between the same two", async () => {
    const recorded = await recordSession(text("message 1."), text("message 2."));
    for (const first of [3, 4]) {
      const replay: Meddle = ({ frame, number }) => [number === 4 ? recorded[first]! : frame];
      expect(await heard(replay)).toEqual({ text: "message 1.", codes: ["ERR_DECRYPT"], ends: 0 });
    }
  });

  it.each(["initiator", "responder"] as const)(
    "delivers nothing of its own that comes back to the %s",
    async (sender) => {
      const { left, right } = framesBetween(({ frame, number, back }) => {
        if (number < 3) return [frame];
        back(frame);
        return [];
      });
      const sides = await sessionOver([left, right], options);
      const recorder = new Recorder();
      const { stream } = sides[sender];
      stream.start(recorder);
      stream.resume();
      stream.write(text("message 1."));
      await recorder.failed();
      expect([recorder.text, recorder.codes]).toEqual(["", ["ERR_DECRYPT"]]);
    },
  );

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
