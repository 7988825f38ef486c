import { describe, expect, it } from "vitest";
import type { ConnectionOptions, MessageConnection } from "../../src/index.js";
import { bytes, pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns, until } from "../until.js";

/** A peer that takes bytes, however slowly, is served; one that takes none is dropped. */
export function writeDeadlineContract(carrier: Carrier): void {
  describe("write deadline", () => {
    const rig = new Rig(carrier);
    const roomy: ConnectionOptions = { maxQueuedBytes: 2 * carrier.bulkBytes };

    /** Sends more than can be under way, and waits until nothing moves. */
    async function fill(connection: MessageConnection): Promise<void> {
      for (let i = 0; i < 10; i++) connection.send(pattern(carrier.bulkBytes / 10));
      let left = -1;
      while (left !== connection.bufferedBytes) {
        left = connection.bufferedBytes;
        await turns(50);
      }
      expect(left).toBeGreaterThan(0);
    }

    /** Ends it: after one deadline, or two where the stream had taken bytes without a word. */
    async function passDeadline(timeoutMs: number, end: Recorder): Promise<void> {
      rig.pass(timeoutMs - 1);
      await turns();
      expect(end.closes.length).toBe(0);
      rig.pass(1);
      await turns();
      if (end.closes.length === 0) rig.pass(timeoutMs);
      await end.closed();
      expect(end.code).toBe("ERR_WRITE_TIMEOUT");
    }

    it("ends a connection whose peer takes no byte, with a reset", async () => {
      const [connection, peer] = rig.joinRaw(roomy);
      const end = new Recorder(connection).consume();
      await fill(connection);
      const left = connection.bufferedBytes;
      await passDeadline(60_000, end);
      expect(end.closes[0]).toMatchObject({
        name: "ConnectionError",
        message: `write: expected the peer to take a byte within 60000 ms, got ${left} bytes that wait`,
      });
      peer.stream.resume();
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("serves a peer that is slow, for as long as it takes", async () => {
      const [connection, peer] = rig.joinRaw({ ...roomy, writeTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      await fill(connection);
      const total = carrier.bulkBytes + 40;
      const sent = (): number => connection.stats().bytesSent;
      let rounds = 0;
      for (let read = 0; connection.bufferedBytes > 0; rounds++) {
        rig.pass(900);
        await turns(3);
        expect(end.closes.length).toBe(0);
        const before = sent();
        // Windows open in steps, and not all systems tell of small ones: as much is read as one takes.
        while (sent() === before && connection.bufferedBytes > 0 && read < total) {
          read = Math.min(total, read + carrier.bulkBytes / 20);
          await peer.reads(read);
          await turns(20);
        }
        // The last of it may have gone before anything was read in this round.
        await until("progress", () => sent() > before || connection.bufferedBytes === 0);
        await turns(3);
      }
      expect(rounds).toBeGreaterThan(1);
      peer.stream.resume();
      await peer.received(carrier.bulkBytes + 40);
      expect([connection.open, connection.bufferedBytes]).toEqual([true, 0]);
    });

    it("goes on after what was sent before was taken, and counts anew for what is sent then", async () => {
      const [connection, peer] = rig.joinRaw({ ...roomy, writeTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      connection.send(bytes("hello"));
      await peer.received(9);
      await until("nothing to wait", () => connection.bufferedBytes === 0);
      await turns(3);
      rig.pass(500);
      await turns();
      peer.stream.pause();
      await fill(connection);
      await passDeadline(1_000, end);
    });

    it("times nothing while nothing waits", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      connection.send(bytes("hello"));
      await peer.received(9);
      await connection.drained();
      await turns(3);
      rig.pass(1_000_000);
      await turns();
      expect([end.closes.length, rig.timers.size]).toEqual([0, 0]);
    });

    it("counts after end(), too", async () => {
      const [connection] = rig.joinRaw({ ...roomy, writeTimeoutMs: 1_000 });
      const end = new Recorder(connection).consume();
      await fill(connection);
      connection.end();
      await passDeadline(1_000, end);
    });

    it("is over once the connection closes: then the drain deadline counts", async () => {
      const [connection] = rig.joinRaw({ ...roomy, writeTimeoutMs: 1_000, drainTimeoutMs: 10_000 });
      const end = new Recorder(connection).consume();
      await fill(connection);
      void connection.close();
      await rig.endsAfter(10_000, end, "ERR_DRAIN_TIMEOUT");
    });

    it("is off with 0", async () => {
      const [connection] = rig.joinRaw({ ...roomy, writeTimeoutMs: 0 });
      const end = new Recorder(connection).consume();
      await fill(connection);
      rig.pass(1_000_000_000);
      await turns();
      expect([end.closes.length, rig.timers.size]).toEqual([0, 0]);
    });
  });
}
