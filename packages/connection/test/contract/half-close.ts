import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes, pattern, text } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** `end()` finishes sending; receiving goes on until the peer's end. */
export function halfCloseContract(carrier: Carrier): void {
  describe("half-close", () => {
    const rig = new Rig(carrier);
    const message = pattern(carrier.bulkBytes / 10);
    const roomy = { maxQueuedBytes: 2 * carrier.bulkBytes };

    it("sends what is queued, tells the peer, and receives what it answers", async () => {
      const [left, right] = rig.join(roomy, { ...roomy, allowHalfOpen: true });
      const here = new Recorder(left).consume();
      const there = new Recorder(right).consume();
      for (let i = 0; i < 10; i++) left.send(message);
      left.end();
      await there.received(10);
      await turns();
      expect([there.ends, right.open, here.closes.length, there.closes.length]).toEqual([1, true, 0, 0]);

      for (let i = 0; i < 10; i++) right.send(message);
      right.end();
      await Promise.all([here.closed(), there.closed()]);
      expect([here.length, here.ends, there.ends]).toEqual([10 * message.length, 1, 1]);
      expect([here.code, there.code]).toEqual(["none", "none"]);
    });

    it("gets what a peer without allowHalfOpen has queued", async () => {
      const [left, right] = rig.join(roomy, roomy);
      const here = new Recorder(left).consume();
      const there = new Recorder(right).consume();
      for (let i = 0; i < 10; i++) right.send(message);
      left.end();
      await Promise.all([here.closed(), there.closed()]);
      expect([here.length, there.ends]).toEqual([10 * message.length, 1]);
      expect([here.code, there.code]).toEqual(["none", "none"]);
    });

    it("may come from both sides at once", async () => {
      const [left, right] = rig.join();
      const ends = [new Recorder(left).consume(), new Recorder(right).consume()];
      for (const { connection } of ends) {
        connection.send(bytes("last words"));
        connection.end();
      }
      await Promise.all(ends.map((end) => end.closed()));
      expect(ends.map((end) => [end.texts, end.ends, end.code])).toEqual(Array(2).fill([["last words"], 1, "none"]));
    });

    it("after the peer's end closes, when what is queued was sent", async () => {
      const [connection, peer] = rig.joinRaw({ ...roomy, allowHalfOpen: true });
      const end = new Recorder(connection).consume();
      peer.stream.end();
      await turns();
      expect([end.ends, connection.open]).toEqual([1, true]);
      for (let i = 0; i < 10; i++) connection.send(message);
      connection.end();
      await turns();
      expect(end.closes.length).toBe(0);
      peer.stream.resume();
      await end.closed();
      await peer.ended();
      expect([end.code, peer.length]).toEqual(["none", 10 * (message.length + 4)]);
    });

    it("before a peer's end that the consumer has not come to, closes when it has", async () => {
      const [connection, peer] = rig.joinRaw({ allowHalfOpen: true });
      const end = new Recorder(connection).consume(() => connection.pause());
      peer.stream.write(encodeFrame(bytes("one")));
      peer.stream.write(encodeFrame(bytes("two")));
      peer.stream.end();
      await end.received(1);
      connection.end();
      await turns();
      expect([end.ends, end.closes.length]).toEqual([0, 0]);
      connection.resume();
      await end.received(2);
      connection.resume();
      await end.closed();
      expect([end.texts, end.ends, end.code]).toEqual([["one", "two"], 1, "none"]);
    });

    it("lets an iteration go on", async () => {
      const [connection, peer] = rig.joinRaw();
      connection.end();
      for (const word of ["one", "two"]) peer.stream.write(encodeFrame(bytes(word)));
      peer.stream.end();
      const seen: string[] = [];
      for await (const received of connection) seen.push(text(received));
      await connection.closed;
      expect(seen).toEqual(["one", "two"]);
    });

    it("sends no more", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.resume();
      connection.end();
      expect(connection.open).toBe(false);
      expect(() => connection.send(bytes("more"))).toThrow(
        expect.objectContaining({
          code: "ERR_CONNECTION_CLOSED",
          message: "send: expected an open connection, got one that was ended",
        }),
      );
      await peer.ended();
      expect(peer.length).toBe(0);
    });

    it("may be followed by close(), which discards what comes", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      connection.end();
      connection.end();
      void connection.close();
      connection.end();
      peer.stream.write(encodeFrame(bytes("too late")));
      await peer.flushed();
      await turns();
      expect(end.closes.length).toBe(0);
      peer.stream.end();
      await end.closed();
      expect([end.messages.length, end.code]).toEqual([0, "none"]);
    });

    it("may be followed by abort(), which resets", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      connection.end();
      await peer.ended();
      connection.abort(new Error("enough"));
      await end.closed();
      expect(end.code).toBe("enough");
    });

    it("does nothing after the end", async () => {
      const [connection] = rig.joinRaw();
      connection.abort();
      connection.end();
      await connection.closed;
      expect(connection.open).toBe(false);
    });

    it("has drained when all was taken", async () => {
      const [connection, peer] = rig.joinRaw(roomy);
      for (let i = 0; i < 10; i++) connection.send(message);
      connection.end();
      const drained = connection.drained();
      peer.stream.resume();
      await drained;
      expect(connection.bufferedBytes).toBe(0);
    });
  });
}
