import { encodeFrame, FrameEncoder } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes, pattern, same } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turn, turns, until } from "../until.js";

const words = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i}`);
const frames = (texts: readonly string[]): Uint8Array => new FrameEncoder().encodeBatch(texts.map(bytes));

/** Messages arrive whole, once and in order, at a pace that their consumer sets. */
export function messagesContract(carrier: Carrier): void {
  describe("messages", () => {
    const rig = new Rig(carrier);

    it("carries messages both ways, in order, whatever their sizes", async () => {
      const sizes = [1, 2, 3, 100, 16_384, 16_385, 5, Math.min(1_048_576, carrier.bulkBytes), 1];
      const ends = rig.join().map((connection) => new Recorder(connection).consume());
      for (const [side, { connection }] of ends.entries()) {
        for (const [i, size] of sizes.entries()) connection.send(pattern(size, 10 * side + i));
      }
      for (const [side, end] of ends.entries()) {
        await end.received(sizes.length);
        const seed = 10 * (1 - side);
        expect(end.messages.map((message, i) => same(message, pattern(sizes[i]!, seed + i)))).toEqual(
          sizes.map(() => true),
        );
      }
    });

    it("finds messages in bytes that are cut anywhere", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      const sent = frames(words(6));
      for (let at = 0, size = 1; at < sent.length; at += size, size = (size % 7) + 1) {
        peer.stream.write(sent.subarray(at, at + size));
        await turn();
      }
      await end.received(6);
      expect(end.texts).toEqual(words(6));
    });

    it("finds many messages in one chunk", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.write(frames(words(500)));
      await end.received(500);
      expect(end.texts).toEqual(words(500));
    });

    it("frames them as the options say", async () => {
      const frame = { lengthField: 2, byteOrder: "little", allowEmpty: true } as const;
      const [connection, peer] = rig.joinRaw({ frame });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      connection.send(bytes("hi"));
      await peer.received(4);
      expect([...peer.bytes]).toEqual([2, 0, 104, 105]);
      peer.stream.write(Uint8Array.of(0, 0, 1, 0, 33));
      await end.received(2);
      expect(end.texts).toEqual(["", "!"]);
    });

    it("reads only once a consumer is attached, and has lost nothing by then", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.write(frames(words(3)));
      peer.stream.end();
      await turns();
      const end = new Recorder(connection);
      await turns();
      expect(end.ends).toBe(0);

      end.consume();
      await end.closed();
      expect(end.texts).toEqual(words(3));
      expect([end.ends, end.code]).toEqual([1, "none"]);
    });

    it("stops reading when the consumer is detached, and gives the rest to the next one", async () => {
      const [connection, peer] = rig.joinRaw();
      const first = new Recorder(connection).consume(() => {
        connection.onMessage = null;
      });
      peer.stream.write(frames(words(3)));
      await first.received(1);
      await turns();
      expect(first.texts).toEqual(words(1));

      const second = new Recorder(connection).consume();
      await second.received(2);
      expect(second.texts).toEqual(words(3).slice(1));
    });

    it("gives the other messages of a chunk to a handler that was attached amid them", async () => {
      const [connection, peer] = rig.joinRaw();
      const second = new Recorder(connection);
      const first = new Recorder(connection).consume(() => second.consume());
      peer.stream.write(frames(words(3)));
      await second.received(2);
      expect([first.texts, second.texts]).toEqual([words(1), words(3).slice(1)]);
    });

    it("pauses amid a chunk, and after resume delivers the rest in order, none twice", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length === 2) connection.pause();
      });
      peer.stream.write(frames(words(5)));
      await end.received(2);
      peer.stream.write(frames(["last"]));
      await turns();
      expect(end.texts).toEqual(words(2));

      connection.resume();
      await end.received(6);
      await turns();
      expect(end.texts).toEqual([...words(5), "last"]);
    });

    it("may pause and resume from within a message", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        connection.pause();
        connection.resume();
      });
      peer.stream.write(frames(words(5)));
      await end.received(5);
      expect(end.texts).toEqual(words(5));
    });

    it("hears of the peer's end after resume, when what came before is consumed", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length === 1) connection.pause();
      });
      peer.stream.write(frames(words(3)));
      peer.stream.end();
      await end.received(1);
      await turns();
      expect([end.ends, end.closes.length]).toEqual([0, 0]);

      connection.resume();
      await end.closed();
      expect(end.texts).toEqual(words(3));
      expect([end.ends, end.code]).toEqual([1, "none"]);
    });

    it("slows the peer while it is paused", async () => {
      const [left, right] = rig.join({ maxQueuedBytes: 2 * carrier.bulkBytes });
      const end = new Recorder(right).consume();
      right.pause();
      const message = pattern(carrier.bulkBytes / 10);
      for (let i = 0; i < 10; i++) left.send(message);
      await turns(100);
      expect(left.bufferedBytes).toBeGreaterThan(carrier.bulkBytes / 3);

      right.resume();
      await end.received(10);
      expect(left.bufferedBytes).toBe(0);
      expect(end.messages.every((received) => same(received, message))).toBe(true);
    });

    it("gives the other messages of a chunk although a handler throws, and goes on", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length === 2) throw new Error("second");
      });
      peer.stream.write(frames(words(4)));
      await end.received(4);
      peer.stream.write(frames(["later"]));
      await end.received(5);
      expect(end.texts).toEqual([...words(4), "later"]);
      expect(rig.takeUncaught()).toEqual([new Error("second")]);
      expect(connection.open).toBe(true);
    });

    it("reports all that a handler threw in one chunk", async () => {
      const [connection, peer] = rig.joinRaw();
      const thrown: Error[] = [];
      const end = new Recorder(connection).consume(() => {
        const error = new Error(`no. ${thrown.length}`);
        thrown.push(error);
        throw error;
      });
      peer.stream.write(frames(words(3)));
      await end.received(3);
      await turns();
      const told = rig
        .takeUncaught()
        .flatMap((error) => (error instanceof AggregateError ? error.errors : [error]) as unknown[]);
      expect(told).toEqual(thrown);
    });

    it("keeps the rest of a chunk whose handler paused and threw", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length > 1) return;
        connection.pause();
        throw new Error("first");
      });
      peer.stream.write(frames(words(3)));
      await end.received(1);
      peer.stream.write(frames(words(6).slice(3)));
      await turns();
      connection.resume();
      await end.received(6);
      expect(end.texts).toEqual(words(6));
      expect(rig.takeUncaught()).toEqual([new Error("first")]);
    });

    it("gives messages that are the user's to keep", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      for (const word of words(20)) {
        peer.stream.write(frames([word]));
        await turn();
      }
      await end.received(20);
      expect(end.texts).toEqual(words(20));
    });

    it("lends messages for the call with borrow, also after a pause amid a chunk", async () => {
      const [connection, peer] = rig.joinRaw({ borrow: true });
      const seen: string[] = [];
      connection.onMessage = (message) => {
        seen.push(new TextDecoder().decode(message));
        if (seen.length === 2) connection.pause();
      };
      peer.stream.write(frames(words(5)));
      await until("2 messages", () => seen.length === 2);
      peer.stream.write(frames(["last"]));
      await turns();
      connection.resume();
      await until("6 messages", () => seen.length === 6);
      expect(seen).toEqual([...words(5), "last"]);
    });

    it("delivers nothing more once a message's handler has closed", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.resume();
      const end = new Recorder(connection).consume(() => {
        connection.send(bytes("bye"));
        void connection.close();
      });
      peer.stream.write(frames(words(3)));
      await peer.ended();
      expect(same(peer.bytes, encodeFrame(bytes("bye")))).toBe(true);
      peer.stream.end();
      await end.closed();
      expect(end.texts).toEqual(words(1));
      expect([end.ends, end.code]).toEqual([0, "none"]);
    });

    it("delivers nothing that waited once the connection has ended, whoever asks for it then", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => connection.pause());
      peer.stream.write(frames(words(3)));
      await end.received(1);
      connection.abort(new Error("enough"));
      await end.closed();
      connection.resume();
      end.consume();
      await turns();
      expect(end.texts).toEqual(words(1));
      connection.onMessage = null;
      await expect(connection[Symbol.asyncIterator]().next()).rejects.toThrow("enough");
    });

    it("delivers nothing more once a message's handler has aborted", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.resume();
      const end = new Recorder(connection).consume(() => connection.abort(new Error("enough")));
      peer.stream.write(frames(words(3)));
      await peer.failed();
      await end.closed();
      expect(end.texts).toEqual(words(1));
      expect([end.code, peer.error?.code]).toEqual(["enough", "ECONNRESET"]);
    });
  });
}
