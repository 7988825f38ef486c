import { FrameDecoder } from "@p2pnet/framing";
import { type ByteStream, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { BlockPool } from "../src/ciphers/block-pool.js";
import { selectCiphers } from "../src/ciphers/select.js";
import { MAX_NONCE, type RekeyLimits, type TransportStates } from "../src/index.js";
import { Opener, RECEIVE_BLOCK_BYTES } from "../src/session/opener.js";
import { RekeyCounter } from "../src/session/rekey.js";
import { SEND_BLOCK_BYTES, Sealer } from "../src/session/sealer.js";
import { SecureStream } from "../src/session/secure-stream.js";
import { text, transportStates } from "./sessions.js";

/** Only for streams that this test wires by hand: `secure` does so after its handshake. */
function secured(
  stream: ByteStream,
  { send, receive }: TransportStates,
  limits: RekeyLimits | null = null,
): { stream: SecureStream; recorder: Recorder } {
  const suite = selectCiphers();
  const opener = new Opener(
    new FrameDecoder({ lengthField: 2, maxLength: 65_535 }),
    receive,
    new RekeyCounter(limits),
    false,
  );
  const sealer = new Sealer(stream, send, new RekeyCounter(limits), new BlockPool(suite, SEND_BLOCK_BYTES));
  const receiveBlocks = new BlockPool(suite, RECEIVE_BLOCK_BYTES);
  const session = new SecureStream({ stream, sealer, opener, receiveBlocks, marksEnd: false });
  const recorder = new Recorder();
  stream.start(session);
  session.start(recorder);
  session.resume();
  return { stream: session, recorder };
}

describe("a session at the end of its nonces", () => {
  const start = () => {
    const states = transportStates();
    const [left, right] = streamPair();
    const [sender, receiver] = [secured(left, states[0]), secured(right, states[1])];
    return { states, sender, receiver };
  };

  it("sends its last message, and then fails instead of using a nonce twice", async () => {
    const { states, sender, receiver } = start();
    states[0].send.setNonce(MAX_NONCE - 1);
    states[1].receive.setNonce(MAX_NONCE - 1);
    sender.stream.write(text("last"));
    await receiver.recorder.received(4);
    sender.stream.write(text("one too many"));
    expect(sender.recorder.errors).toEqual([]);
    await sender.recorder.failed();
    expect(sender.recorder.codes).toEqual(["ERR_NONCE_EXHAUSTED"]);
    await receiver.recorder.failed();
    expect([receiver.recorder.text, receiver.recorder.codes]).toEqual(["last", ["ECONNRESET"]]);
  });

  it("delivers the last message although no key can be made after it", async () => {
    const states = transportStates();
    const [left, right] = streamPair();
    left.start(new Recorder());
    for (const state of [states[0].send, states[1].receive]) state.setNonce(MAX_NONCE - 1);
    const { recorder } = secured(right, states[1], { messages: 1, bytes: 1_000 });
    const message = states[0].send.encryptWithAd(new Uint8Array(0), text("last"));
    left.write(Buffer.concat([Uint8Array.of(0, message.length), message]));
    await recorder.failed();
    expect([recorder.text, recorder.codes]).toEqual(["last", ["ERR_NONCE_EXHAUSTED"]]);
  });

  it("opens none beyond them", async () => {
    const { states, sender, receiver } = start();
    states[1].receive.setNonce(MAX_NONCE);
    sender.stream.write(text("x"));
    await receiver.recorder.failed();
    expect([receiver.recorder.text, receiver.recorder.codes]).toEqual(["", ["ERR_NONCE_EXHAUSTED"]]);
  });

  it("tells nobody of it who has closed it meanwhile", async () => {
    const { states, sender } = start();
    states[0].send.setNonce(MAX_NONCE);
    sender.stream.end();
    sender.stream.write(text("ignored"));
    sender.stream.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sender.recorder.errors).toEqual([]);
  });
});

it("a session skips messages without bytes of a peer that marks no end", async () => {
  const states = transportStates();
  const [left, right] = streamPair();
  left.start(new Recorder());
  const receiver = secured(right, states[1]);
  const frame = (plaintext: Uint8Array): Uint8Array => {
    const message = states[0].send.encryptWithAd(new Uint8Array(0), plaintext);
    return Buffer.concat([Uint8Array.of(0, message.length), message]);
  };
  left.write(Buffer.concat([frame(text("")), frame(text("a")), frame(text("")), frame(text("b"))]));
  await receiver.recorder.received(2);
  expect(receiver.recorder.chunks).toEqual([text("ab")]);
});
