import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import type { MessageConnection } from "../../src/index.js";
import { bytes, pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** How a connection ends: kindly, at once, or because the peer does. */
export function endingsContract(carrier: Carrier): void {
  describe("endings", () => {
    const rig = new Rig(carrier);
    const message = pattern(carrier.bulkBytes / 10);
    const sendBulk = (connection: MessageConnection): void => {
      for (let i = 0; i < 10; i++) connection.send(message);
    };
    const roomy = { maxQueuedBytes: 2 * carrier.bulkBytes };

    it("close() loses nothing that was sent, although the peer still sends", async () => {
      const [left, right] = rig.join(roomy, roomy);
      const there = new Recorder(right).consume();
      const here = new Recorder(left);
      sendBulk(right);
      sendBulk(left);
      const closed = left.close();
      right.send(bytes("and more"));
      await closed;
      await Promise.all([here.closed(), there.closed()]);
      expect(there.length).toBe(10 * message.length);
      expect([here.code, there.code]).toEqual(["none", "none"]);
    });

    it("close() waits for the peer's end, and discards what comes before it", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      connection.send(bytes("bye"));
      void connection.close();
      await peer.ended();
      peer.stream.write(encodeFrame(pattern(100_000)));
      await peer.flushed();
      await turns();
      expect([end.closes.length, end.messages.length]).toEqual([0, 0]);

      peer.stream.end();
      await end.closed();
      expect([end.code, end.messages.length]).toEqual(["none", 0]);
      expect(peer.error).toBeUndefined();
    });

    it("close() may be called again, and gives the same promise", async () => {
      const [left, right] = rig.join();
      new Recorder(right).consume();
      const end = new Recorder(left);
      const first = left.close();
      expect(left.close()).toBe(first);
      expect(first).toBe(left.closed);
      await first;
      await left.close();
      await turns();
      expect(end.closes).toEqual([undefined]);
    });

    it("close() gives a peer that does not read its time, then resets it", async () => {
      const [connection, peer] = rig.joinRaw({ ...roomy, drainTimeoutMs: 1_000 });
      const end = new Recorder(connection);
      sendBulk(connection);
      const closed = connection.close();
      await rig.goesOnFor(999, end);
      rig.pass(1);
      await closed;
      await end.closed();
      expect(end.code).toBe("ERR_DRAIN_TIMEOUT");
      expect(end.closes[0]?.message).toMatch(
        /^close: expected the peer to take all within 1000 ms, got \d+ bytes left$/,
      );
      peer.stream.resume();
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
      expect(peer.length).toBeLessThan(carrier.bulkBytes);
    });

    it("close() gives a peer that took all but does not end its time, then closes cleanly", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection);
      peer.stream.resume();
      connection.send(bytes("bye"));
      void connection.close();
      await peer.ended();
      await rig.endsAfter(5_000, end, "none");
      expect(peer.error).toBeUndefined();
    });

    it("close() may be given another deadline, also later", async () => {
      const [connection] = rig.joinRaw({ drainTimeoutMs: 1_000 });
      const end = new Recorder(connection);
      void connection.close({ drainTimeoutMs: 60_000 });
      await rig.goesOnFor(1_000, end);
      void connection.close();
      await rig.goesOnFor(1_000, end);
      void connection.close({ drainTimeoutMs: 10 });
      rig.pass(10);
      await end.closed();
      expect(end.code).toBe("none");
    });

    it("close() refuses a deadline out of range", async () => {
      const [connection] = rig.joinRaw();
      for (const drainTimeoutMs of [-1, Number.NaN, 2 ** 31]) {
        expect(() => connection.close({ drainTimeoutMs })).toThrow(
          expect.objectContaining({
            code: "ERR_OUT_OF_RANGE",
            message: `drainTimeoutMs: expected a number from 0 to 2147483647, got ${drainTimeoutMs}`,
          }),
        );
      }
      expect(connection.open).toBe(true);
    });

    it("after the peer's end it flushes a long queue to it", async () => {
      const [connection, peer] = rig.joinRaw(roomy);
      const end = new Recorder(connection).consume();
      sendBulk(connection);
      peer.stream.end();
      await turns();
      expect([end.ends, connection.open, end.closes.length]).toEqual([1, false, 0]);
      peer.stream.resume();
      await end.closed();
      await peer.ended();
      expect(end.code).toBe("none");
      expect(peer.length).toBe(10 * (message.length + 4));
    });

    it("with allowHalfOpen it may send after the peer's end, until it closes", async () => {
      const [connection, peer] = rig.joinRaw({ allowHalfOpen: true });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      peer.stream.write(encodeFrame(bytes("question")));
      peer.stream.end();
      await end.received(1);
      await turns();
      expect([end.ends, connection.open, end.closes.length]).toEqual([1, true, 0]);

      connection.send(bytes("answer"));
      await peer.received(10);
      await connection.close();
      await peer.ended();
      await end.closed();
      expect([end.code, end.ends]).toEqual(["none", 1]);
    });

    it("with allowHalfOpen an iteration ends, and sending goes on", async () => {
      const [connection, peer] = rig.joinRaw({ allowHalfOpen: true });
      peer.stream.resume();
      peer.stream.write(encodeFrame(bytes("question")));
      peer.stream.end();
      let seen = 0;
      for await (const _ of connection) seen++;
      expect([seen, connection.open]).toEqual([1, true]);
      connection.send(bytes("answer"));
      await peer.received(10);
      await connection.close();
    });

    it("goes on reading after its own end has been the first, until the peer's", async () => {
      const [left, right] = rig.join({}, { allowHalfOpen: true, ...roomy });
      const there = new Recorder(right).consume();
      const here = new Recorder(left);
      void left.close();
      await turns();
      expect([there.ends, right.open, here.closes.length]).toEqual([1, true, 0]);
      sendBulk(right);
      await right.drained();
      await right.close();
      await here.closed();
      expect([here.code, there.code]).toEqual(["none", "none"]);
    });

    it("abort() resets: the peer gets ECONNRESET, onClose gets the error", async () => {
      const [left, right] = rig.join();
      const here = new Recorder(left);
      const there = new Recorder(right).consume();
      const error = new Error("enough");
      left.send(bytes("unsent"));
      left.abort(error);
      left.abort(new Error("again"));
      void left.close();
      expect([left.open, left.bufferedBytes, here.closes.length]).toEqual([false, 0, 0]);
      await Promise.all([here.closed(), there.closed()]);
      await turns();
      expect(here.closes).toEqual([error]);
      expect([there.code, there.ends, there.closes.length]).toEqual(["ECONNRESET", 0, 1]);
    });

    it("abort() without an error tells ERR_CONNECTION_CLOSED", async () => {
      const [connection] = rig.joinRaw();
      const end = new Recorder(connection);
      connection.abort();
      await end.closed();
      expect(end.closes).toEqual([
        expect.objectContaining({
          code: "ERR_CONNECTION_CLOSED",
          message: "connection: expected to go on, got abort()",
        }),
      ]);
    });

    it("abort() cuts a close() short", async () => {
      const [connection, peer] = rig.joinRaw(roomy);
      const end = new Recorder(connection);
      sendBulk(connection);
      const closed = connection.close();
      await turns();
      connection.abort(new Error("enough"));
      await closed;
      await end.closed();
      expect(end.code).toBe("enough");
      peer.stream.resume();
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("a reset while it closes is told", async () => {
      const [connection, peer] = rig.joinRaw(roomy);
      const end = new Recorder(connection).consume();
      sendBulk(connection);
      void connection.close();
      await turns();
      peer.stream.abort();
      await end.closed();
      expect(end.code).toBe("ECONNRESET");
    });

    it("a reset before it closes is told", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection);
      peer.stream.abort();
      void connection.close();
      await end.closed();
      expect(end.code).toBe("ECONNRESET");
    });

    it("closes when it is disposed of", async () => {
      const [left, right] = rig.join();
      const there = new Recorder(right).consume();
      const here = new Recorder(left);
      left.send(bytes("bye"));
      await left[Symbol.asyncDispose]();
      await Promise.all([here.closed(), there.closed()]);
      expect([here.code, there.texts, there.code]).toEqual(["none", ["bye"], "none"]);
    });
  });
}
