import { type ByteStream, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { secure } from "../src/index.js";
import { framesBetween } from "./meddler.js";
import { alice, bob, text } from "./sessions.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });

/** A stream that nobody else reads, and what arrives at its other end. */
function silentPeer(): { stream: ByteStream; peer: ByteStream; atPeer: Recorder } {
  const [stream, peer] = streamPair();
  const atPeer = new Recorder();
  peer.start(atPeer);
  peer.resume();
  return { stream, peer, atPeer };
}

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
