import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes, pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** `stats()` counts what moved. */
export function countingContract(carrier: Carrier): void {
  describe("stats", () => {
    const rig = new Rig(carrier);
    const moved = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 };
    const nothing = { ...moved, queuedBytes: 0, timesSlow: 0 };

    it("begin at nothing", async () => {
      const [connection] = rig.joinRaw();
      expect(connection.stats()).toEqual({ ...nothing, ageMs: 0, idleMs: 0 });
      rig.pass(1_000);
      await turns(3);
      expect(connection.stats()).toEqual({ ...nothing, ageMs: 1_000, idleMs: 1_000 });
    });

    it("count bytes and messages in and out", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      peer.stream.write(encodeFrame(bytes("hello")));
      peer.stream.write(encodeFrame(bytes("you")));
      await end.received(2);
      rig.pass(300);
      for (const word of ["who", "is", "there"]) connection.send(bytes(word));
      expect(connection.stats()).toMatchObject({ messagesSent: 3, queuedBytes: 22 });
      await peer.received(22);
      await connection.drained();
      await turns(3);
      rig.pass(200);
      await turns(3);
      expect(connection.stats()).toEqual({
        bytesReceived: 16,
        bytesSent: 22,
        messagesReceived: 2,
        messagesSent: 3,
        queuedBytes: 0,
        timesSlow: 0,
        ageMs: 500,
        idleMs: 200,
      });
    });

    it("count what waits, and keep what was counted after the end", async () => {
      const [connection] = rig.joinRaw({ maxQueuedBytes: 2 * carrier.bulkBytes });
      const end = new Recorder(connection);
      for (let i = 0; i < 10; i++) connection.send(pattern(carrier.bulkBytes / 10));
      await turns(50);
      const { bytesSent, queuedBytes } = connection.stats();
      expect(queuedBytes).toBeGreaterThan(0);
      expect(bytesSent + queuedBytes).toBe(carrier.bulkBytes + 40);
      connection.abort();
      await end.closed();
      expect(connection.stats()).toMatchObject({ messagesSent: 10, queuedBytes: 0 });
      expect(connection.stats().bytesSent).toBeGreaterThanOrEqual(bytesSent);
    });
  });
}
