import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes, pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** A connection that stands still for too long ends. */
export function idleContract(carrier: Carrier): void {
  describe("idle timeout", () => {
    const rig = new Rig(carrier);

    it("ends a connection on which nothing moves, with a reset", async () => {
      const [connection, peer] = rig.joinRaw({ idleTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      await rig.goesOnFor(999, end);
      rig.pass(1);
      await end.closed();
      expect(end.closes).toEqual([
        expect.objectContaining({
          code: "ERR_IDLE_TIMEOUT",
          message: "connection: expected a byte in or out within 1000 ms, got none",
        }),
      ]);
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("counts from the last byte that came in", async () => {
      const [connection, peer] = rig.joinRaw({ idleTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      for (let i = 1; i <= 3; i++) {
        rig.pass(600);
        peer.stream.write(encodeFrame(bytes("hello")));
        await end.received(i);
      }
      await rig.endsAfter(1_000, end, "ERR_IDLE_TIMEOUT");
    });

    it("counts a part of a message, too", async () => {
      const [connection, peer] = rig.joinRaw({ idleTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      const frame = encodeFrame(bytes("hello"));
      for (let i = 0; i < frame.length; i++) {
        rig.pass(600);
        peer.stream.write(frame.subarray(i, i + 1));
        await turns(5);
      }
      expect(end.texts).toEqual(["hello"]);
    });

    it("counts from the last byte that went out", async () => {
      const [connection, peer] = rig.joinRaw({ idleTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      for (let i = 1; i <= 3; i++) {
        rig.pass(600);
        connection.send(bytes("hello"));
        await peer.received(9 * i);
        await turns(3);
      }
      await rig.endsAfter(1_000, end, "ERR_IDLE_TIMEOUT");
    });

    it("does not count what only waits to go out", async () => {
      const [connection] = rig.joinRaw({ idleTimeoutMs: 1_000, maxQueuedBytes: 2 * carrier.bulkBytes });
      const end = new Recorder(connection).consume();
      for (let i = 0; i < 10; i++) connection.send(pattern(carrier.bulkBytes / 10));
      await turns(50);
      expect(connection.bufferedBytes).toBeGreaterThan(0);
      rig.pass(1_000);
      await end.closed();
      expect(end.code).toBe("ERR_IDLE_TIMEOUT");
    });

    it("is over once the connection closes: then the drain deadline counts", async () => {
      const [connection, peer] = rig.joinRaw({ idleTimeoutMs: 1_000, drainTimeoutMs: 5_000 });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      void connection.close();
      await peer.ended();
      peer.stream.write(encodeFrame(bytes("still talking")));
      await peer.flushed();
      await turns();
      await rig.goesOnFor(4_999, end);
      peer.stream.end();
      await end.closed();
      expect(end.code).toBe("none");
    });

    it("is off by default", async () => {
      const [connection] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      await rig.goesOnFor(1_000_000_000, end);
      expect(rig.timers.size).toBe(0);
    });
  });
}
