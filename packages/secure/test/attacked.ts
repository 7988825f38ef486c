import type { ByteStream } from "@p2pnet/stream";
import { Recorder } from "../../stream/test/recorder.js";
import { type Role, secure, type Upgraded } from "../src/index.js";
import { framesBetween, type Meddle } from "./meddler.js";
import { alice, bob } from "./sessions.js";

/** Long enough for a busy machine: nothing waits for it but what loses bytes of a length. */
const PATIENT_MS = 20_000;

/** For what is waited for until its deadline. */
const IMPATIENT_MS = 30;

export const other = (role: Role): Role => (role === "initiator" ? "responder" : "initiator");

export const connectAs = (identity = alice, verify = bob.peerId, handshakeTimeoutMs = PATIENT_MS) =>
  secure({ identity, verify, handshakeTimeoutMs });
export const acceptAs = (identity = bob, verify = alice.peerId, handshakeTimeoutMs = PATIENT_MS) =>
  secure({ identity, verify, handshakeTimeoutMs });

/** Both sides, made once: a handshake for each byte then makes no static keys. */
const sides = (timeoutMs: number) => ({
  connect: connectAs(alice, bob.peerId, timeoutMs),
  accept: acceptAs(bob, alice.peerId, timeoutMs),
});
export const [patient, impatient] = [sides(PATIENT_MS), sides(IMPATIENT_MS)];

/** The outcome of each side: its error's code, or "secured". */
export async function outcomes(meddle: Meddle, by = patient): Promise<{ initiator: string; responder: string }> {
  const { left, right } = framesBetween(meddle);
  const [initiator, responder] = await Promise.all([
    outcome(by.connect(left, { role: "initiator" })),
    outcome(by.accept(right, { role: "responder" })),
  ]);
  return { initiator, responder };
}

export async function outcome(upgraded: Promise<Upgraded>): Promise<string> {
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

/** All that passed in a session between Alice and Bob, in which Alice said `words`, one a message. */
export async function recordSession(...words: Uint8Array[]): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const { left, right } = framesBetween(({ frame }) => {
    frames.push(frame);
    return [frame];
  });
  const [initiator, responder] = await Promise.all([
    patient.connect(left, { role: "initiator" }),
    patient.accept(right, { role: "responder" }),
  ]);
  const atResponder = new Recorder();
  responder.stream.start(atResponder);
  responder.stream.resume();
  for (const word of words) {
    initiator.stream.write(word);
    await Promise.resolve();
  }
  await atResponder.received(words.reduce((sum, { length }) => sum + length, 0));
  for (const { stream } of [initiator, responder]) stream.close();
  return frames.slice(0, 3 + words.length);
}

/** Answers each chunk that `stream` receives with what `answer` makes of it. */
export function answering(stream: ByteStream, answer: (chunk: Uint8Array) => Uint8Array): void {
  stream.start({ onData: (chunk) => stream.write(answer(chunk)), onEnd() {}, onDrain() {}, onError() {} });
  stream.resume();
}
