import { getEventListeners } from "node:events";
import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes, pattern, same } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns, until } from "../until.js";

/** With its header of 4 bytes, 100 on the wire. */
const MESSAGE = pattern(96);

/** `send` says when to wait, `onDrain` and `drained()` when to go on, and nothing waits for ever or without bound. */
export function sendingContract(carrier: Carrier): void {
  describe("sending", () => {
    const rig = new Rig(carrier);

    it("says false from the high-water mark on", () => {
      const [connection] = rig.joinRaw({ highWaterMark: 1_000 });
      const answers = Array.from({ length: 12 }, () => connection.send(MESSAGE));
      expect(answers).toEqual([...Array(9).fill(true), false, false, false]);
      expect(connection.bufferedBytes).toBe(1_200);
    });

    it("calls onDrain at the low-water mark, once for each time that send said false", async () => {
      const options = { highWaterMark: carrier.bulkBytes, lowWaterMark: 10_000, maxQueuedBytes: 2 * carrier.bulkBytes };
      const [connection, peer] = rig.joinRaw(options);
      const left: number[] = [];
      connection.onDrain = () => left.push(connection.bufferedBytes);
      const message = pattern(10_000);
      const fill = (): void => {
        while (connection.send(message));
        connection.send(message);
      };
      fill();
      await turns();
      expect(left).toEqual([]);

      peer.stream.resume();
      await until("onDrain", () => left.length === 1);
      await connection.drained();
      await turns();
      expect(left.length).toBe(1);

      fill();
      await until("onDrain again", () => left.length === 2);
      await connection.drained();
      await turns();
      expect(left.length).toBe(2);
      expect(Math.max(...left)).toBeLessThanOrEqual(10_000);
    });

    it("does not call onDrain when send never said false", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection);
      peer.stream.resume();
      connection.send(MESSAGE);
      await peer.received(100);
      await turns();
      expect(end.drains).toBe(0);
    });

    it("may send from onDrain", async () => {
      const [connection, peer] = rig.joinRaw({ highWaterMark: 1_000, lowWaterMark: 0 });
      let rounds = 0;
      const fill = (): void => {
        while (connection.send(MESSAGE));
      };
      connection.onDrain = () => {
        if (++rounds < 10) fill();
      };
      peer.stream.resume();
      fill();
      await peer.received(10_000);
      expect(peer.length).toBe(10_000);
    });

    it("has drained at once when nothing waits", async () => {
      const [connection] = rig.joinRaw();
      await connection.drained();
      expect(connection.bufferedBytes).toBe(0);
    });

    it("has drained when all bytes are taken, and their memory may be used again", async () => {
      const [left, right] = rig.join();
      const end = new Recorder(right).consume();
      const short = pattern(1_000, 1);
      const long = pattern(100_000, 1);
      left.send(short);
      left.send(long);
      await left.drained();
      short.set(pattern(1_000, 2));
      long.set(pattern(100_000, 2));
      left.send(short);
      left.send(long);
      await left.drained();
      short.fill(0);
      long.fill(0);
      await end.received(4);
      const expected = [pattern(1_000, 1), pattern(100_000, 1), pattern(1_000, 2), pattern(100_000, 2)];
      expect(end.messages.map((message, i) => same(message, expected[i]!))).toEqual([true, true, true, true]);
    });

    it("has drained although more is sent all the time", async () => {
      const size = carrier.bulkBytes / 20;
      const [connection, peer] = rig.joinRaw({
        highWaterMark: 10 * size,
        lowWaterMark: 5 * size,
        maxQueuedBytes: 2 * carrier.bulkBytes,
      });
      const message = pattern(size - 4);
      let left = 60;
      const fill = (): void => {
        while (left > 0 && connection.send(message)) left--;
      };
      connection.onDrain = fill;
      peer.stream.resume();
      fill();
      await connection.drained();
      expect(left).toBeGreaterThan(0);
      expect(connection.bufferedBytes).toBeGreaterThan(0);
    });

    it.each(["before", "while it waits"])("is waited for no longer when a signal is aborted %s", async (when) => {
      const [connection] = rig.joinRaw({ maxQueuedBytes: 2 * carrier.bulkBytes });
      for (let i = 0; i < 10; i++) connection.send(pattern(carrier.bulkBytes / 10));
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      if (when === "before") controller.abort(reason);
      const waiting = connection.drained({ signal: controller.signal });
      controller.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      await turns();
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      expect(connection.open).toBe(true);
    });

    it("forgets the signal of who has waited for it", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.resume();
      connection.send(bytes("hello"));
      const controller = new AbortController();
      await connection.drained({ signal: controller.signal });
      await turns();
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    });

    it.each(["close", "abort", "the peer's abort", "the hard cap"] as const)("has drained after %s", async (ending) => {
      const [connection, peer] = rig.joinRaw({ maxQueuedBytes: 1, frame: { maxLength: carrier.bulkBytes } });
      const end = new Recorder(connection).consume();
      connection.send(pattern(carrier.bulkBytes));
      await turns();
      const waiting = [connection.drained(), connection.drained()];
      if (ending === "close") {
        void connection.close({ drainTimeoutMs: 100 });
        rig.pass(100);
      } else if (ending === "abort") connection.abort();
      else if (ending === "the hard cap") expect(connection.send(pattern(carrier.bulkBytes))).toBe(false);
      else peer.stream.abort();
      await Promise.all(waiting);
      await end.closed();
      await connection.drained();
      expect(end.code).toBe(
        {
          close: "ERR_DRAIN_TIMEOUT",
          abort: "ERR_CONNECTION_CLOSED",
          "the peer's abort": "ECONNRESET",
          "the hard cap": "ERR_SLOW_PEER",
        }[ending],
      );
    });

    it("aborts a peer that lets the queue outgrow its cap, and says so at onClose", async () => {
      const [connection, peer] = rig.joinRaw({ maxQueuedBytes: 5_000, frame: { maxLength: 1_000 } });
      const end = new Recorder(connection);
      for (let i = 0; i < 50; i++) expect(connection.send(MESSAGE)).toBe(true);
      expect(connection.send(MESSAGE)).toBe(false);
      expect([connection.open, end.closes.length]).toEqual([false, 0]);
      await end.closed();
      expect(end.closes).toEqual([
        expect.objectContaining({
          code: "ERR_SLOW_PEER",
          message: "queue: expected at most 5000 bytes waiting for the peer, got 5000 and a message of 96",
        }),
      ]);
      peer.stream.resume();
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("has a cap that never refuses one full frame", async () => {
      const frame = { maxLength: carrier.bulkBytes };
      const [left, right] = rig.join({ maxQueuedBytes: 1, frame }, { frame });
      const end = new Recorder(right).consume();
      const full = pattern(carrier.bulkBytes);
      left.send(full);
      await end.received(1);
      expect(left.open).toBe(true);
      expect(same(end.messages[0]!, full)).toBe(true);
    });

    it.each(["close", "abort"] as const)("throws after %s", async (ending) => {
      const [connection] = rig.joinRaw();
      void connection[ending]();
      expect(() => connection.send(MESSAGE)).toThrow(
        expect.objectContaining({
          name: "ConnectionError",
          code: "ERR_CONNECTION_CLOSED",
          message: "send: expected an open connection, got a closed one",
        }),
      );
    });

    it("throws after a failure, with the failure as its cause", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.abort();
      await end.closed();
      expect(() => connection.send(MESSAGE)).toThrow(expect.objectContaining({ cause: end.closes[0] }));
    });

    it("refuses what is no message before a byte leaves, and goes on", async () => {
      const [connection, peer] = rig.joinRaw({ frame: { maxLength: 1_000 } });
      peer.stream.resume();
      const refused = (message: unknown): unknown => {
        try {
          connection.send(message as Uint8Array);
          return "sent";
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      };
      expect(refused(new Uint8Array(1_001))).toBe("ERR_FRAME_TOO_LARGE");
      expect(refused(new Uint8Array(0))).toBe("ERR_FRAME_EMPTY");
      expect(refused("text")).toBe("ERR_INVALID_ARG_TYPE");
      expect(refused(undefined)).toBe("ERR_INVALID_ARG_TYPE");
      expect(refused([1, 2, 3])).toBe("ERR_INVALID_ARG_TYPE");
      expect(connection.bufferedBytes).toBe(0);

      connection.send(bytes("fine"));
      await peer.received(8);
      expect(same(peer.bytes, encodeFrame(bytes("fine")))).toBe(true);
    });
  });
}
