import { encodeFrame, FrameEncoder } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import type { MessageConnection } from "../../src/index.js";
import { bytes, pattern, same, text } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns, until } from "../until.js";

const words = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i}`);
const frames = (texts: readonly string[]): Uint8Array => new FrameEncoder().encodeBatch(texts.map(bytes));
const EMPTY_FRAME = Uint8Array.of(0, 0, 0, 0);

/** `for await` over a connection: the same messages, as fast as the loop's body takes them. */
export function iterationContract(carrier: Carrier): void {
  describe("iteration", () => {
    const rig = new Rig(carrier);

    /** A connection whose iteration has got the first of some messages, while the others have arrived. */
    async function readAhead(count: number): Promise<[MessageConnection, AsyncIterator<Uint8Array, undefined>]> {
      const [connection, peer] = rig.joinRaw();
      const iterator = connection[Symbol.asyncIterator]();
      peer.stream.write(frames(words(count)));
      expect(text((await iterator.next()).value!)).toBe("message 0");
      await peer.flushed();
      await turns();
      return [connection, iterator];
    }

    it("gives all messages, and ends with the peer's end", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection);
      peer.stream.write(frames(words(5)));
      peer.stream.end();
      const seen: string[] = [];
      for await (const message of connection) seen.push(text(message));
      expect(seen).toEqual(words(5));
      await end.closed();
      expect([end.ends, end.code]).toEqual([1, "none"]);
    });

    it("closes gracefully on break: what was sent arrives", async () => {
      const [left, right] = rig.join();
      const there = new Recorder(right).consume();
      const here = new Recorder(left);
      right.send(bytes("go"));
      right.send(bytes("on"));
      for await (const _ of left) {
        left.send(bytes("bye"));
        break;
      }
      expect(left.open).toBe(false);
      await Promise.all([here.closed(), there.closed()]);
      expect(there.texts).toEqual(["bye"]);
      expect([here.code, there.code]).toEqual(["none", "none"]);
    });

    it("closes gracefully when the loop's body throws", async () => {
      const [left, right] = rig.join();
      const there = new Recorder(right).consume();
      right.send(bytes("go"));
      const failure = new Error("in the body");
      await expect(async () => {
        for await (const _ of left) throw failure;
      }).rejects.toBe(failure);
      await there.closed();
      expect(there.code).toBe("none");
    });

    it("throws a failure after what had arrived, and again whenever it is asked", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.write(frames(words(3)));
      peer.stream.write(EMPTY_FRAME);
      const seen: string[] = [];
      const iterator = connection[Symbol.asyncIterator]();
      await expect(async () => {
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) seen.push(text(next.value));
      }).rejects.toMatchObject({ code: "ERR_FRAME_EMPTY" });
      expect(seen).toEqual(words(3));
      await expect(iterator.next()).rejects.toMatchObject({ code: "ERR_FRAME_EMPTY" });
    });

    it("throws when the peer's end comes inside a frame", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.write(frames(words(2)));
      peer.stream.write(encodeFrame(bytes("cut")).subarray(0, 5));
      peer.stream.end();
      const seen: string[] = [];
      await expect(async () => {
        for await (const message of connection) seen.push(text(message));
      }).rejects.toMatchObject({ code: "ERR_FRAME_TRUNCATED" });
      expect(seen).toEqual(words(2));
    });

    it.each([
      ["running", false],
      ["paused", true],
    ])("gives what had arrived before an abort, then its error (%s)", async (_, paused) => {
      const [connection, iterator] = await readAhead(3);
      if (paused) connection.pause();
      connection.abort(new Error("enough"));
      expect(text((await iterator.next()).value!)).toBe("message 1");
      expect(text((await iterator.next()).value!)).toBe("message 2");
      await expect(iterator.next()).rejects.toThrow("enough");
    });

    it("gives nothing more once it was left, although an abort came first", async () => {
      const [connection, iterator] = await readAhead(3);
      connection.abort(new Error("enough"));
      const done = { done: true, value: undefined };
      expect([await iterator.return!(), await iterator.next(), await iterator.next()]).toEqual([done, done, done]);
    });

    it("settles what waits with what had arrived, when a pause ends in a failure", async () => {
      const [connection, iterator] = await readAhead(2);
      connection.pause();
      const waiting = [iterator.next(), iterator.next()].map((next) =>
        next.then(
          ({ value }) => text(value!),
          (error: Error) => error.message,
        ),
      );
      await turns();
      connection.abort(new Error("enough"));
      expect(await Promise.all(waiting)).toEqual(["message 1", "enough"]);
    });

    it("answers concurrent next() calls in order, and ends them all", async () => {
      const [connection, peer] = rig.joinRaw();
      const iterator = connection[Symbol.asyncIterator]();
      const asked = Array.from({ length: 5 }, () => iterator.next());
      peer.stream.write(frames(words(3)));
      peer.stream.end();
      const results = await Promise.all(asked);
      expect(results.map(({ done, value }) => (done ? "done" : text(value)))).toEqual([...words(3), "done", "done"]);
    });

    it("ends a next() that waits when the connection is closed, and discards what was not asked for", async () => {
      const [left, right] = rig.join();
      new Recorder(right).consume();
      const iterator = left[Symbol.asyncIterator]();
      const waiting = iterator.next();
      const closed = left.close();
      right.send(bytes("too late"));
      expect(await waiting).toEqual({ done: true, value: undefined });
      await closed;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it("discards what it has read ahead when the connection is closed", async () => {
      const [connection, iterator] = await readAhead(3);
      void connection.close();
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it("ends at once over a connection that was closed", async () => {
      const [left, right] = rig.join();
      new Recorder(right).consume();
      await left.close();
      const seen: unknown[] = [];
      for await (const message of left) seen.push(message);
      expect(seen).toEqual([]);
    });

    it("throws at once over a connection that has failed", async () => {
      const [connection] = rig.joinRaw();
      connection.abort(new Error("enough"));
      await expect(async () => {
        for await (const _ of connection) expect.unreachable();
      }).rejects.toThrow("enough");
    });

    it("gives a message longer than what it reads ahead", async () => {
      const [left, right] = rig.join();
      const sent = pattern(200_000);
      left.send(sent);
      left.send(bytes("after"));
      const iterator = right[Symbol.asyncIterator]();
      expect(same((await iterator.next()).value!, sent)).toBe(true);
      expect(text((await iterator.next()).value!)).toBe("after");
    });

    it("slows the sender while the consumer is busy, and then gives everything", async () => {
      const [left, right] = rig.join({ maxQueuedBytes: 2 * carrier.bulkBytes });
      const message = pattern(10_000);
      const count = Math.floor(carrier.bulkBytes / message.length);
      const iterator = right[Symbol.asyncIterator]();
      const first = iterator.next();
      let refused = 0;
      for (let i = 0; i < count; i++) if (!left.send(message)) refused++;
      await first;
      await turns(100);
      expect(refused).toBeGreaterThan(0);
      expect(left.bufferedBytes).toBeGreaterThan(carrier.bulkBytes / 3);

      for (let i = 1; i < count; i++) expect(same((await iterator.next()).value!, message)).toBe(true);
      await left.drained();
      expect(left.bufferedBytes).toBe(0);
    });

    it("delivers nothing while paused", async () => {
      const [connection, peer] = rig.joinRaw();
      const iterator = connection[Symbol.asyncIterator]();
      connection.pause();
      let settled = false;
      const waiting = iterator.next().finally(() => {
        settled = true;
      });
      peer.stream.write(frames(["hello"]));
      await turns();
      expect(settled).toBe(false);
      connection.resume();
      expect(text((await waiting).value!)).toBe("hello");
    });

    it("gives bytes to keep, with borrow too", async () => {
      const [connection, peer] = rig.joinRaw({ borrow: true });
      const seen: Uint8Array[] = [];
      const iterator = connection[Symbol.asyncIterator]();
      const asked = [iterator.next(), iterator.next(), iterator.next()];
      peer.stream.write(frames(words(3)));
      for (const next of asked) seen.push((await next).value!);
      peer.stream.write(frames(["x".repeat(100)]));
      seen.push((await iterator.next()).value!);
      expect(seen.map(text)).toEqual([...words(3), "x".repeat(100)]);
    });

    it("is refused beside onMessage, and beside another iteration", () => {
      const [left, right] = rig.join();
      left.onMessage = () => {};
      const refusal = expect.objectContaining({
        name: "ConnectionError",
        code: "ERR_CONSUMER_ATTACHED",
        message: "consumer: expected one handler or one iteration, got a second consumer",
      });
      expect(() => left[Symbol.asyncIterator]()).toThrow(refusal);

      right[Symbol.asyncIterator]();
      expect(() => right[Symbol.asyncIterator]()).toThrow(refusal);
      expect(() => {
        right.onMessage = () => {};
      }).toThrow(refusal);
      right.onMessage = null;
      expect(left.onMessage).not.toBeNull();
      expect(right.onMessage).toBeNull();
    });

    it("may follow a handler that was detached", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        connection.onMessage = null;
      });
      peer.stream.write(frames(words(2)));
      await until("a message", () => end.messages.length === 1);
      const iterator = connection[Symbol.asyncIterator]();
      expect(text((await iterator.next()).value!)).toBe("message 1");
    });
  });
}
