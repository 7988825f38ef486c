import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import type { MessageConnection } from "../../src/index.js";
import { bytes, pattern, text } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import type { RawPeer } from "../raw-peer.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns, until } from "../until.js";

/** With these, a message of 5,000 bytes has 6 seconds. */
const OPTIONS = { frameTimeoutMs: 1_000, minFrameRate: 1_000 };
const LONG = encodeFrame(pattern(5_000));

/** A frame that was begun is finished in time, or the connection ends. */
export function frameDeadlineContract(carrier: Carrier): void {
  describe("frame deadline", () => {
    const rig = new Rig(carrier);

    /** The peer writes, and it arrives. */
    async function arrives(connection: MessageConnection, peer: RawPeer, chunk: Uint8Array): Promise<void> {
      const before = connection.stats().bytesReceived;
      peer.stream.write(chunk);
      await until("the bytes", () => connection.stats().bytesReceived === before + chunk.length);
    }

    const endsAfter = (ms: number, end: Recorder): Promise<void> => rig.endsAfter(ms, end, "ERR_FRAME_TIMEOUT");

    it("ends a connection whose peer does not finish a header, with a reset", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      await arrives(connection, peer, LONG.subarray(0, 3));
      await endsAfter(1_000, end);
      expect(end.closes[0]).toMatchObject({
        name: "ConnectionError",
        message: "frame: expected a whole header within 1000 ms, got 3 bytes of the frame",
      });
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("gives a message the time that its length takes", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, LONG.subarray(0, 1_000));
      await endsAfter(6_000, end);
      expect(end.closes[0]?.message).toBe(
        "frame: expected a message of 5000 bytes within 6000 ms, got 1000 bytes of the frame",
      );
    });

    it("has 30 seconds and a KiB a second by default", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, encodeFrame(pattern(10_240)).subarray(0, 10));
      await endsAfter(40_000, end);
    });

    it("is not renewed by bytes that trickle in", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      for (let i = 0; i < 10; i++) {
        await arrives(connection, peer, LONG.subarray(i, i + 1));
        if (i < 9) rig.pass(100);
      }
      await endsAfter(5_100, end);
    });

    it("counts each frame for itself", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      const frame = encodeFrame(pattern(20));
      // The rest of one and the beginning of the next, each time just before the deadline.
      await arrives(connection, peer, frame.subarray(0, 10));
      for (let i = 1; i <= 5; i++) {
        rig.pass(1_019);
        await turns(3);
        await arrives(connection, peer, Buffer.concat([frame.subarray(10), frame.subarray(0, 10)]));
      }
      expect([end.messages.length, end.closes.length]).toEqual([5, 0]);
      await endsAfter(1_020, end);
    });

    it("is over with the frame", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, LONG.subarray(0, 100));
      await arrives(connection, peer, LONG.subarray(100));
      rig.pass(1_000_000);
      await turns();
      expect([end.messages.length, end.closes.length, rig.timers.size]).toEqual([1, 0, 0]);
    });

    it("does not count while the consumer pauses", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, LONG.subarray(0, 100));
      for (let i = 0; i < 3; i++) {
        rig.pass(1_000);
        await turns(3);
        connection.pause();
        rig.pass(1_000_000);
        await turns(3);
        connection.resume();
      }
      await endsAfter(3_000, end);
    });

    it("does not count while an iteration is busy, and ends it when it waits", async () => {
      const [connection, peer] = rig.joinRaw(OPTIONS);
      const iterator = connection[Symbol.asyncIterator]();
      peer.stream.write(encodeFrame(bytes("hello")));
      expect(text((await iterator.next()).value!)).toBe("hello");
      await arrives(connection, peer, LONG.subarray(0, 100));
      rig.pass(1_000_000);
      await turns();
      expect(connection.open).toBe(true);
      const failed = expect(iterator.next()).rejects.toMatchObject({ code: "ERR_FRAME_TIMEOUT" });
      await turns(3);
      rig.pass(6_000);
      await failed;
    });

    it("is over once the connection closes: then the drain deadline counts", async () => {
      const [connection, peer] = rig.joinRaw({ ...OPTIONS, drainTimeoutMs: 10_000 });
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, LONG.subarray(0, 100));
      void connection.close();
      await rig.endsAfter(10_000, end, "none");
    });

    it("is off with 0", async () => {
      const [connection, peer] = rig.joinRaw({ frameTimeoutMs: 0 });
      const end = new Recorder(connection).consume();
      await arrives(connection, peer, LONG.subarray(0, 100));
      rig.pass(1_000_000_000);
      await turns();
      expect([end.closes.length, rig.timers.size]).toEqual([0, 0]);
    });
  });
}
