import { getEventListeners } from "node:events";
import { MessageConnection } from "@p2pnet/connection";
import { streamPair } from "@p2pnet/stream";
import { expect, it } from "vitest";
import { Asker } from "../../examples/request-response/asker.js";

/** An asker, and the peer that is asked. */
function askedPeer() {
  const [left, right] = streamPair();
  const peer = new MessageConnection(right);
  return { asker: new Asker(new MessageConnection(left)), peer };
}

const never = () => new AbortController().signal;

it("leaves nothing on the signal once a question is answered", async () => {
  const { asker, peer } = askedPeer();
  peer.onMessage = (message) => peer.send(message);
  const signal = never();
  expect(await Promise.all(["one", "two"].map((question) => asker.ask(question, signal)))).toEqual(["one", "two"]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("rejects with the signal's reason, and is not confused by an answer that comes after", async () => {
  const { asker, peer } = askedPeer();
  const questions: Uint8Array[] = [];
  peer.onMessage = (message) => {
    questions.push(message);
    if (questions.length === 2) for (const question of questions) peer.send(question);
  };
  const control = new AbortController();
  const first = asker.ask("first", control.signal);
  control.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
  expect(await asker.ask("second", never())).toBe("second");
});

it("ends the connection at an answer without a number, and rejects what was asked", async () => {
  const { asker, peer } = askedPeer();
  peer.onMessage = () => peer.send(new Uint8Array(3));
  await expect(asker.ask("what?", never())).rejects.toThrow("answer: expected 4 bytes, got 3");
  await peer.closed;
});

it("rejects when the connection ends, and when it has ended", async () => {
  const { asker, peer } = askedPeer();
  peer.onMessage = () => void peer.close();
  await expect(asker.ask("what?", never())).rejects.toThrow("the connection has ended");
  await expect(asker.ask("and now?", never())).rejects.toMatchObject({ code: "ERR_CONNECTION_CLOSED" });
});
