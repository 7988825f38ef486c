import { FrameEncoder } from "@p2pnet/framing";
import { COPIED_WRITE_BYTES } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { bytes, pattern, same, text } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turn, turns, until } from "../until.js";

const words = (count: number): string[] => Array.from({ length: count }, (_, i) => `message ${i}`);
const frames = (texts: readonly string[]): Uint8Array => new FrameEncoder().encodeBatch(texts.map(bytes));
const code = (expected: string): object => expect.objectContaining({ code: expected });

/** Messages where they were received, and sent from where they are: as messages in objects of their own. */
export function slicesContract(carrier: Carrier): void {
  describe("slices", () => {
    const rig = new Rig(carrier);

    it("are the messages, however the bytes are cut, and can be sent on", async () => {
      const [connection, peer] = rig.joinRaw();
      const echo = peer.stream;
      echo.resume();
      connection.onSlice = function (source, start, end) {
        expect(this).toBe(connection);
        expect(connection.sendSlice(source, start, end)).toBe(true);
      };
      const sent = frames(words(60));
      for (let at = 0, size = 1; at < sent.length; at += size, size = (size % 97) + 1) {
        echo.write(sent.subarray(at, at + size));
        if (size % 7 === 0) await turn();
      }
      await peer.received(sent.length);
      expect(same(peer.bytes, sent)).toBe(true);
      expect(connection.stats()).toMatchObject({ messagesReceived: 60, messagesSent: 60 });
    });

    it.each([0, 1, 8, 25, 256, 257, 5_000, COPIED_WRITE_BYTES])("of %i bytes are copied when sent", async (length) => {
      const frame = { allowEmpty: true };
      const [left, right] = rig.join({ frame }, { frame });
      const end = new Recorder(right).consume();
      const source = pattern(3 * COPIED_WRITE_BYTES, 1);
      for (const from of [0, 3, 8]) left.sendSlice(source, from, from + length);
      source.fill(0);
      await end.received(3);
      const expected = pattern(3 * COPIED_WRITE_BYTES, 1);
      for (const [i, from] of [0, 3, 8].entries()) {
        expect(same(end.messages[i]!, expected.subarray(from, from + length))).toBe(true);
      }
    });

    it("that are longer are borrowed until they are drained", async () => {
      const [left, right] = rig.join();
      const end = new Recorder(right).consume();
      const source = pattern(120_000, 2);
      left.sendSlice(source, 10, 100_010);
      await left.drained();
      source.fill(0);
      await end.received(1);
      expect(same(end.messages[0]!, pattern(120_000, 2).subarray(10, 100_010))).toBe(true);
    });

    it("stop for a pause amid a chunk and go on after it", async () => {
      const [connection, peer] = rig.joinRaw();
      const seen: string[] = [];
      connection.onSlice = (source, start, end) => {
        seen.push(text(source.slice(start, end)));
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

    it("may come from memory that is resized between them", async () => {
      const [connection, peer] = rig.joinRaw();
      peer.stream.resume();
      const resizable = Reflect.construct(ArrayBuffer, [100, { maxByteLength: 300 }]) as ArrayBuffer & {
        resize(length: number): void;
      };
      const source = new Uint8Array(resizable);
      const sent: Uint8Array[] = [];
      for (const size of [100, 300, 40, 100]) {
        resizable.resize(size);
        source.set(pattern(size, size));
        for (const [start, end] of [
          [0, 30],
          [5, 40],
        ] as const) {
          sent.push(source.slice(start, end));
          connection.sendSlice(source, start, end);
        }
      }
      expect(() => connection.sendSlice(source, 0, 101)).toThrow(code("ERR_OUT_OF_RANGE"));
      const expected = new FrameEncoder().encodeBatch(sent);
      await peer.received(expected.length);
      expect(same(peer.bytes, expected)).toBe(true);
    });

    it("have one consumer: no handler and no iteration beside it", () => {
      const [connection] = rig.joinRaw();
      connection.onSlice = () => {};
      expect(() => (connection.onMessage = () => {})).toThrow(code("ERR_CONSUMER_ATTACHED"));
      expect(() => connection[Symbol.asyncIterator]()).toThrow(code("ERR_CONSUMER_ATTACHED"));
      connection.onSlice = null;
      connection.onMessage = () => {};
      expect(() => (connection.onSlice = () => {})).toThrow(code("ERR_CONSUMER_ATTACHED"));
      connection.onMessage = null;
      connection[Symbol.asyncIterator]();
      expect(() => (connection.onSlice = () => {})).toThrow(code("ERR_CONSUMER_ATTACHED"));
      expect(connection.onSlice).toBeNull();
    });

    it("are refused where there are none, and the connection lives on", async () => {
      const [connection, peer] = rig.joinRaw({ frame: { maxLength: 10 } });
      peer.stream.resume();
      const source = pattern(20);
      const wrong: [number, number][] = [
        [-1, 5],
        [0, 21],
        [5, 4],
        [0.5, 5],
        [0, Number.NaN],
      ];
      for (const [start, end] of wrong) {
        expect(() => connection.sendSlice(source, start, end)).toThrow(code("ERR_OUT_OF_RANGE"));
      }
      expect(() => connection.sendSlice("text" as unknown as Uint8Array, 0, 1)).toThrow(code("ERR_INVALID_ARG_TYPE"));
      expect(() => connection.sendSlice(source, 0, 11)).toThrow(code("ERR_FRAME_TOO_LARGE"));
      expect(() => connection.sendSlice(source, 3, 3)).toThrow(code("ERR_FRAME_EMPTY"));
      connection.sendSlice(source, 0, 10);
      await peer.received(14);
      expect(peer.length).toBe(14);
      connection.abort();
      expect(() => connection.sendSlice(source, 0, 10)).toThrow(code("ERR_CONNECTION_CLOSED"));
    });

    it("end a peer that lets the queue outgrow its cap", async () => {
      const [connection] = rig.joinRaw({ maxQueuedBytes: 1_000, frame: { maxLength: 500 } });
      const end = new Recorder(connection);
      const source = pattern(400);
      while (connection.open) connection.sendSlice(source, 0, 400);
      await end.closed();
      expect(end.code).toBe("ERR_SLOW_PEER");
    });
  });
}
