import { Timers } from "@p2pnet/event-loop";
import { type ByteStreamHandlers, ManualClock, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { MessageConnection } from "../src/index.js";
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
