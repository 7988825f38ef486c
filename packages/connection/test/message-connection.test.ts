import { Timers } from "@p2pnet/event-loop";
import { FrameEncoder } from "@p2pnet/framing";
import { type ByteStreamHandlers, ManualClock, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { MessageConnection } from "../src/index.js";
import { bytes } from "./bytes.js";
import { RawPeer } from "./raw-peer.js";
import { Recorder } from "./recorder.js";
import { turns } from "./until.js";

describe("a connection over a stream of one's own", () => {
  it("knows no addresses unless it is told", () => {
    const timers = new Timers(new ManualClock());
    const [left, right] = streamPair();
    const address = { address: "192.0.2.1", port: 1, family: 4 } as const;
    const plain = new MessageConnection(left, {}, { timers });
    expect([plain.localAddress, plain.remoteAddress]).toEqual([null, null]);
    const told = new MessageConnection(right, {}, { timers, localAddress: address, remoteAddress: address });
    expect([told.localAddress, told.remoteAddress]).toEqual([address, address]);
  });

  it("goes by the default loop's timers unless it is given others", async () => {
    const [left] = streamPair();
    const end = new Recorder(new MessageConnection(left, { idleTimeoutMs: 1 }));
    await end.closed();
    expect(end.code).toBe("ERR_IDLE_TIMEOUT");
  });

  it("tells its owner of the end before onClose", async () => {
    const told: string[] = [];
    const timers = new Timers(new ManualClock());
    const connection = new MessageConnection(streamPair()[0], {}, { timers, onEnded: () => void told.push("owner") });
    connection.onClose = () => void told.push("onClose");
    connection.abort();
    connection.abort();
    await connection.closed;
    expect(told).toEqual(["owner", "onClose"]);
  });

  it("lets other work be done between the messages of a flood that is iterated", async () => {
    const [left, right] = streamPair();
    const connection = new MessageConnection(left, { maxFramesPerTurn: 100 });
    const peer = new RawPeer(right);
    peer.stream.write(new FrameEncoder().encodeBatch(Array.from({ length: 5_000 }, () => bytes("x"))));
    peer.stream.end();
    let seen = 0;
    const looks: number[] = [];
    const interval = setInterval(() => looks.push(seen), 0);
    for await (const _ of connection) seen++;
    clearInterval(interval);
    expect(seen).toBe(5_000);
    // Each look comes between two batches: none is missed by much.
    const batches = looks.map((look, i) => look - (looks[i - 1] ?? 0));
    expect(looks.length).toBeGreaterThan(5);
    expect(Math.max(...batches)).toBeLessThanOrEqual(1_000);
    peer.stream.abort();
  });

  it("owns no timer while it has nothing to time, and one for all its deadlines", async () => {
    const timers = new Timers(new ManualClock());
    const [left, right] = streamPair({ bufferSize: 10 });
    const connection = new MessageConnection(left, {}, { timers });
    connection.onMessage = () => {};
    const peer = new RawPeer(right);
    expect(timers.size).toBe(0);
    peer.stream.write(Uint8Array.of(0, 0, 0));
    connection.send(bytes("more than is taken at once"));
    await turns();
    expect(timers.size).toBe(1);
    connection.abort();
    expect(timers.size).toBe(0);
  });

  it("sets its timer once for many messages", async () => {
    const timers = new Timers(new ManualClock());
    let placed = 0;
    const place = timers.place.bind(timers);
    timers.place = (...args) => {
      placed++;
      place(...args);
    };
    const [left, right] = streamPair({ chunkSize: 7 });
    const one = new MessageConnection(left, { idleTimeoutMs: 1_000 }, { timers });
    const end = new Recorder(new MessageConnection(right, { idleTimeoutMs: 1_000 }, { timers })).consume();
    for (let i = 1; i <= 100; i++) {
      one.send(bytes("some message"));
      await end.received(i);
    }
    expect(placed).toBe(2);
    one.abort();
    end.connection.abort();
  });

  it("ends once, although its stream fails twice", async () => {
    const [left] = streamPair();
    let handlers: ByteStreamHandlers | undefined;
    left.start = (given) => {
      handlers = given;
    };
    const timers = new Timers(new ManualClock());
    const end = new Recorder(new MessageConnection(left, {}, { timers }));
    handlers!.onError(new Error("first"));
    handlers!.onError(new Error("second"));
    await end.closed();
    await turns();
    expect(end.closes).toEqual([new Error("first")]);
  });

  it("sets no deadline over a stream that is not its own", () => {
    const timers = new Timers(new ManualClock());
    const [left] = streamPair();
    new RawPeer(left);
    expect(() => new MessageConnection(left, { idleTimeoutMs: 10 }, { timers })).toThrow(
      expect.objectContaining({ code: "ERR_STREAM_STARTED" }),
    );
    expect(timers.size).toBe(0);
  });

  it.each([1, 2, 3, 4, 8, "varint"] as const)(
    "takes a length field of %s without a word about maxLength",
    async (size) => {
      const timers = new Timers(new ManualClock());
      const frame = { lengthField: size };
      const [left, right] = streamPair().map((stream) => new MessageConnection(stream, { frame }, { timers }));
      const end = new Recorder(right!).consume();
      const longest = new Uint8Array(size === 1 ? 255 : size === 2 ? 65_535 : 1_048_576).fill(1);
      left!.send(longest);
      await end.received(1);
      expect(end.length).toBe(longest.length);
      expect(() => left!.send(new Uint8Array(longest.length + 1))).toThrow(
        expect.objectContaining({ code: "ERR_FRAME_TOO_LARGE" }),
      );
    },
  );
});
