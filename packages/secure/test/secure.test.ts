import { type ByteStream, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { secure, type Verify } from "../src/index.js";
import { framesBetween } from "./meddler.js";
import { alice, bob, recorders, session, sessionOver, text } from "./sessions.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });

describe("secure", () => {
  it("tells each side who the other is, and both the same hash", async () => {
    const { initiator, responder } = await session();
    expect(initiator.peer).toMatchObject({
      peerId: bob.peerId,
      fingerprint: bob.fingerprint,
      publicKey: bob.publicKey,
    });
    expect(responder.peer).toMatchObject({ peerId: alice.peerId, additions: true });
    expect(initiator.peer.handshakeHash).toEqual(responder.peer.handshakeHash);
    expect((await session()).initiator.peer.handshakeHash).not.toEqual(initiator.peer.handshakeHash);
  });

  it.each([1, 2, 3, 7, 33, 34, 35, 100, 65_536])("shakes hands and talks in chunks of %i bytes", async (chunkSize) => {
    const sides = await session({ pair: { chunkSize } });
    const [atInitiator, atResponder] = recorders(sides);
    const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => i * 7 + (i >> 8));
    sides.initiator.stream.write(bytes);
    sides.responder.stream.write(bytes);
    sides.initiator.stream.end();
    sides.responder.stream.end();
    await Promise.all([atInitiator.ended(), atResponder.ended()]);
    expect(Buffer.compare(atInitiator.bytes, bytes)).toBe(0);
    expect(Buffer.compare(atResponder.bytes, bytes)).toBe(0);
  });

  it("shakes hands cut in two at any byte", async () => {
    const connect = secure({ identity: alice, verify: bob.peerId });
    const accept = secure({ identity: bob, verify: alice.peerId });
    for (let at = 1; at < 34 + 2 + 300; at++) {
      let passed = 0;
      const [left, nearLeft] = streamPair();
      const [nearRight, right] = streamPair();
      const carry = (from: ByteStream, to: ByteStream): void => {
        from.start({
          onData(chunk) {
            const cut = Math.max(0, Math.min(chunk.length, at - passed));
            passed += chunk.length;
            to.write(chunk.subarray(0, cut));
            to.write(chunk.subarray(cut));
          },
          onEnd: () => to.end(),
          onDrain() {},
          onError: () => to.abort(),
        });
        from.resume();
      };
      carry(nearLeft, nearRight);
      carry(nearRight, nearLeft);
      const [initiator] = await Promise.all([
        connect(left, { role: "initiator" }),
        accept(right, { role: "responder" }),
      ]);
      expect(initiator.peer.peerId).toBe(bob.peerId);
    }
  });

  it("delivers what came with the last handshake message, after verifying took its time", async () => {
    let accept = (_: boolean): void => {};
    const accepted = new Promise<boolean>((resolve) => {
      accept = resolve;
    });
    const [left, right] = streamPair();
    const upgrading = secure({ identity: bob, verify: () => accepted })(right, { role: "responder" });
    const { stream } = await secure({ identity: alice, verify: bob.peerId })(left, { role: "initiator" });
    stream.start(new Recorder());
    stream.write(text("early"));
    stream.end();
    await new Promise((resolve) => setImmediate(resolve));
    accept(true);
    const responder = await upgrading;
    const recorder = new Recorder();
    responder.stream.start(recorder);
    responder.stream.resume();
    await recorder.ended();
    expect(recorder.text).toBe("early");
  });

  it("seals what is written in one turn together", async () => {
    const frames: number[] = [];
    const { left, right } = framesBetween(({ frame }) => {
      frames.push(frame.length);
      return [frame];
    });
    const sides = await sessionOver([left, right]);
    const [, atResponder] = recorders(sides);
    for (let i = 0; i < 100; i++) sides.initiator.stream.write(text("0123456789"));
    await atResponder.received(1_000);
    expect(frames.slice(3)).toEqual([2 + 1_000 + 16]);
  });

  it("keeps back what is pressed: a reader that pauses stops the writer", async () => {
    const sides = await session({ pair: { bufferSize: 32_768 } });
    const [atInitiator, atResponder] = recorders(sides);
    sides.responder.stream.pause();
    const { stream } = sides.initiator;
    stream.write(new Uint8Array(1_000_000));
    expect(stream.bufferedBytes).toBe(1_000_000);
    await atInitiator.until("some bytes taken", () => stream.bytesWritten > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.bufferedBytes).toBeGreaterThan(900_000);
    expect(stream.bytesWritten + stream.bufferedBytes).toBe(1_000_000);
    sides.responder.stream.resume();
    await atResponder.received(1_000_000);
    await atInitiator.until("all bytes taken", () => stream.bufferedBytes === 0);
    expect(stream.bytesWritten).toBe(1_000_000);
  });

  it("passes on to the stream below that what waits is to be offered again", async () => {
    const [left, right] = streamPair();
    let offers = 0;
    left.offer = () => void offers++;
    const { stream } = (await sessionOver([left, right])).initiator;
    stream.offer?.();
    expect(offers).toBe(1);
    stream.close();
    stream.offer?.();
    expect(offers).toBe(1);
  });

  it("counts what says its end as waiting until it is taken: who closes a stream when nothing waits cuts nothing", async () => {
    const sides = await session({ pair: { bufferSize: 100 } });
    const [atInitiator, atResponder] = recorders(sides);
    const { stream } = sides.initiator;
    stream.end();
    expect([stream.bufferedBytes, stream.bytesWritten]).toEqual([1, 0]);
    await atInitiator.until("the end to be taken", () => stream.bufferedBytes === 0);
    expect([atInitiator.drains, stream.bytesWritten]).toEqual([1, 0]);
    stream.close();
    await atResponder.ended();
    expect(atResponder.errors).toEqual([]);
  });

  it("goes on after a handler that threw", async () => {
    const { initiator, responder } = await session();
    initiator.stream.start(new Recorder());
    const recorder = new Recorder();
    const uncaught: unknown[] = [];
    const listener = (error: unknown): void => {
      uncaught.push(error);
    };
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", listener);
    try {
      recorder.onEvent = (name) => {
        if (name === "data") throw new Error("thrown by onData");
      };
      responder.stream.start(recorder);
      responder.stream.resume();
      initiator.stream.write(new Uint8Array(200_000));
      initiator.stream.end();
      await recorder.ended();
      expect(recorder.length).toBe(200_000);
      expect(uncaught.length).toBeGreaterThan(0);
    } finally {
      process.removeListener("uncaughtException", listener);
      for (const other of others) process.on("uncaughtException", other);
    }
  });

  it("passes the failure of the stream below on, once, also if nobody had started it", async () => {
    const [left, right] = streamPair();
    const sides = await sessionOver([left, right]);
    left.abort();
    await new Promise((resolve) => setImmediate(resolve));
    const recorder = new Recorder();
    sides.responder.stream.start(recorder);
    sides.responder.stream.resume();
    await recorder.failed();
    expect(recorder.codes).toEqual(["ECONNRESET"]);
    expect(() => sides.responder.stream.start(new Recorder())).toThrow(
      expect.objectContaining({ code: "ERR_STREAM_STARTED" }),
    );
  });

  it("runs inside another session", async () => {
    const outer = await session();
    const inner = await sessionOver([outer.initiator.stream, outer.responder.stream]);
    const [, atResponder] = recorders(inner);
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 13);
    inner.initiator.stream.write(bytes);
    inner.initiator.stream.end();
    await atResponder.ended();
    expect(Buffer.compare(atResponder.bytes, bytes)).toBe(0);
  });
});

describe("secure refuses", () => {
  const settings = { identity: alice, verify: bob.peerId };
  it.each([
    ["a handshakeTimeoutMs of 0", { handshakeTimeoutMs: 0 }, "ERR_OUT_OF_RANGE"],
    ["a rekey limit of 0", { rekey: { messages: 0 } }, "ERR_OUT_OF_RANGE"],
    ["a fraction of a byte", { rekey: { bytes: 1.5 } }, "ERR_OUT_OF_RANGE"],
    ["a peer id of another kind", { verify: "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N" }, "ERR_INVALID_PEER_ID"],
    ["a key of another length", { verify: new Uint8Array(31) }, "ERR_INVALID_ARG_VALUE"],
    ["no verify at all", { verify: undefined as unknown as Verify }, "ERR_INVALID_ARG_TYPE"],
    ["nobody's identity", { identity: {} as typeof alice }, "ERR_INVALID_ARG_TYPE"],
  ])("%s", (_, options, expected) => {
    expect(() => secure({ ...settings, ...options })).toThrow(code(expected));
  });
});
