import { type ByteStream, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { generateIdentity, parsePeerId, secure, type Upgraded, type Verify, type VerifyContext } from "../src/index.js";
import { framesBetween } from "./meddler.js";
import { alice, bob, session, sessionOver, text } from "./sessions.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });

/** Both ways in one session, with a recorder at each side. */
function recorders({ initiator, responder }: { initiator: Upgraded; responder: Upgraded }): [Recorder, Recorder] {
  const [atInitiator, atResponder] = [new Recorder(), new Recorder()];
  initiator.stream.start(atInitiator);
  responder.stream.start(atResponder);
  initiator.stream.resume();
  responder.stream.resume();
  return [atInitiator, atResponder];
}

/** A stream that nobody else reads, and what arrives at its other end. */
function silentPeer(): { stream: ByteStream; peer: ByteStream; atPeer: Recorder } {
  const [stream, peer] = streamPair();
  const atPeer = new Recorder();
  peer.start(atPeer);
  peer.resume();
  return { stream, peer, atPeer };
}

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

describe("keys", () => {
  it.each([
    ["messages", { messages: 3 }, {}],
    ["bytes", { bytes: 25 }, {}],
    ["the peer's limits, if they are sooner", {}, { messages: 2, bytes: 1_000 }],
  ])("are replaced by %s, and nobody notices", async (_, ours, theirs) => {
    const sides = await session({ initiator: { rekey: ours }, responder: { rekey: theirs } });
    const [atInitiator, atResponder] = recorders(sides);
    let sent = "";
    for (let i = 0; i < 50; i++) {
      const word = `message ${i}.`;
      sent += word;
      sides.initiator.stream.write(text(word));
      sides.responder.stream.write(text(word));
      await Promise.resolve();
    }
    sides.initiator.stream.end();
    sides.responder.stream.end();
    await Promise.all([atInitiator.ended(), atResponder.ended()]);
    expect([atInitiator.text, atResponder.text]).toEqual([sent, sent]);
    expect([...atInitiator.errors, ...atResponder.errors]).toEqual([]);
  });

  it.each(["initiator", "responder"] as const)("are not replaced if the %s does not offer it", async (side) => {
    const rekey = { rekey: { messages: 1 } };
    const sides = await session({ initiator: rekey, responder: rekey, [side]: { ...rekey, additions: false } });
    expect([sides.initiator.peer.additions, sides.responder.peer.additions]).toEqual([false, false]);
    const [, atResponder] = recorders(sides);
    sides.initiator.stream.write(text("a"));
    await atResponder.received(1);
    sides.initiator.stream.write(text("b"));
    sides.initiator.stream.end();
    await atResponder.ended();
    expect(atResponder.text).toBe("ab");
  });
});

describe("whoever is verified", () => {
  const upgrade = async (verify: Verify): Promise<string> => {
    const peer = session({ initiator: { verify } }).then(({ initiator }) => initiator.peer.peerId);
    return peer.catch((error: { code: string }) => error.code);
  };

  it("is accepted as a pinned key in any form, or in a list", async () => {
    for (const key of [bob.peerId, bob.publicKey, bob, parsePeerId(bob.peerId)]) {
      expect(await upgrade(key)).toBe(bob.peerId);
      expect(await upgrade([generateIdentity().peerId, key])).toBe(bob.peerId);
    }
    expect(await upgrade(generateIdentity().peerId)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade([])).toBe("ERR_PEER_REFUSED");
  });

  it("is accepted by a function, at once or later, which says true and nothing else", async () => {
    expect(await upgrade(({ peerId }) => peerId === bob.peerId)).toBe(bob.peerId);
    expect(await upgrade(async ({ fingerprint }) => fingerprint === bob.fingerprint)).toBe(bob.peerId);
    expect(await upgrade(() => false)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade((() => "yes") as unknown as Verify)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade(() => Promise.reject(Object.assign(new Error("no database"), { code: "E_DATABASE" })))).toBe(
      "E_DATABASE",
    );
  });

  it("is named in the error, with the fingerprint to compare", async () => {
    await expect(session({ initiator: { verify: () => false } })).rejects.toThrow(
      `peer: expected one that verify accepts, got ${bob.peerId} (${bob.fingerprint})`,
    );
  });

  it("is asked about with a signal, which is aborted when the handshake is", async () => {
    const [left, right] = streamPair();
    const responder = secure({ identity: bob, verify: () => true })(right, { role: "responder" });
    const stop = new AbortController();
    let context: VerifyContext | null = null;
    const verify: Verify = (_, given) => {
      context = given;
      queueMicrotask(() => stop.abort(new Error("enough")));
      return new Promise(() => {});
    };
    const initiator = secure({ identity: alice, verify })(left, { role: "initiator", signal: stop.signal });
    await expect(initiator).rejects.toThrow("enough");
    await expect(responder).rejects.toThrow(code("ERR_HANDSHAKE_CLOSED"));
    expect(context).toMatchObject({ role: "initiator", signal: { aborted: true } });
  });
});

describe("a handshake ends", () => {
  const settings = { identity: bob, verify: alice.peerId };

  it("by its deadline if the peer stops, in whichever step", async () => {
    const upgrade = secure({ ...settings, handshakeTimeoutMs: 30 });
    const { stream, atPeer } = silentPeer();
    await expect(upgrade(stream, { role: "responder" })).rejects.toThrow(code("ERR_HANDSHAKE_TIMEOUT"));
    await atPeer.failed();
    expect(atPeer.codes).toEqual(["ECONNRESET"]);

    const { left, right } = framesBetween(({ frame, number }) => (number < 2 ? [frame] : []));
    const initiating = secure({ identity: alice, verify: bob.peerId })(left, { role: "initiator" });
    await expect(upgrade(right, { role: "responder" })).rejects.toThrow(code("ERR_HANDSHAKE_TIMEOUT"));
    (await initiating).stream.close();
  });

  it("by a signal, before it begins and after", async () => {
    const upgrade = secure(settings);
    const first = silentPeer();
    const reason = new Error("shutting down");
    await expect(upgrade(first.stream, { role: "initiator", signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await first.atPeer.failed();
    expect(first.atPeer.length).toBe(0);

    const second = silentPeer();
    const stop = new AbortController();
    const upgrading = upgrade(second.stream, { role: "initiator", signal: stop.signal });
    await second.atPeer.received(34);
    stop.abort(reason);
    await expect(upgrading).rejects.toBe(reason);
    await second.atPeer.failed();
  });

  it.each([
    ["a framed message of a plain client", Uint8Array.of(0, 0, 0, 5, 104, 101, 108, 108, 111)],
    ["an HTTP request", text("GET / HTTP/1.1\r\n\r\n")],
    ["TLS", Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00)],
    ["a message of another length", Uint8Array.of(0, 33)],
  ])("at the first bad bytes of %s, and the peer is told nothing", async (_, bytes) => {
    const { stream, peer, atPeer } = silentPeer();
    peer.write(bytes);
    await expect(secure(settings)(stream, { role: "responder" })).rejects.toThrow(code("ERR_NOT_NOISE"));
    await atPeer.failed();
    expect([atPeer.length, atPeer.codes]).toEqual([0, ["ECONNRESET"]]);
  });

  it.each([
    ["speaks first, as SSH", text("SSH-2.0-OpenSSH_9.2\r\n")],
    ["sends frames", Uint8Array.of(0, 0, 0, 5, 104, 101, 108, 108, 111)],
  ])("as initiator, at a plain server that %s", async (_, bytes) => {
    const { stream, peer } = silentPeer();
    peer.write(bytes);
    await expect(secure(settings)(stream, { role: "initiator" })).rejects.toThrow(code("ERR_NOT_NOISE"));
  });

  it.each(["end", "abort"] as const)("when the peer is gone: %s", async (how) => {
    const { stream, peer } = silentPeer();
    peer[how]();
    const upgrading = secure(settings)(stream, { role: "responder" });
    await expect(upgrading).rejects.toThrow(code("ERR_HANDSHAKE_CLOSED"));
    await expect(upgrading).rejects.toMatchObject(how === "end" ? {} : { cause: { code: "ECONNRESET" } });
  });

  it("for real clients, beside 1,000 that stop in the middle", async () => {
    const accept = secure({ ...settings, handshakeTimeoutMs: 60_000 });
    const connect = secure({ identity: alice, verify: bob.peerId });
    const stops: AbortController[] = [];
    const halfOpen = Array.from({ length: 1_000 }, async () => {
      const stop = new AbortController();
      stops.push(stop);
      const { left, right } = framesBetween(({ frame, number }) => (number === 0 ? [frame] : []));
      const upgrading = accept(right, { role: "responder", signal: stop.signal });
      connect(left, { role: "initiator", signal: stop.signal }).catch(() => {});
      await upgrading;
    });
    const outcomes = Promise.allSettled(halfOpen);
    for (let i = 0; i < 5; i++) {
      const [left, right] = streamPair();
      const [initiator] = await Promise.all([
        connect(left, { role: "initiator" }),
        accept(right, { role: "responder" }),
      ]);
      expect(initiator.peer.peerId).toBe(bob.peerId);
    }
    for (const stop of stops) stop.abort();
    expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
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
