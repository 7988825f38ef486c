import { describe, expect, it } from "vitest";
import { byteStreamContract } from "../../../stream/test/byte-stream-contract.js";
import { Recorder } from "./recorder.js";
import { deliver, receive, text } from "./sockets.js";
import { openStage, Stage } from "./stage.js";
import type { Subject } from "./subject.js";

const KiB = 1024;

/** Bytes that differ from their neighbours. */
const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** Level 2: streams over real sockets. What every stream promises, and what these promise beyond it. */
export function streamContract(subject: Subject): void {
  if (subject.besideNode && subject.tellsResets) {
    byteStreamContract("over sockets", async () => {
      const stage = new Stage(subject);
      const [left, right] = stage.pair().map((socket) => stage.loop.stream(socket));
      void stage.run();
      return {
        left: left!,
        right: right!,
        async cleanup() {
          left!.close();
          right!.close();
          stage.close();
        },
      };
    });
  }

  describe("streams", () => {
    it("carry bytes both ways until both have ended, and own their sockets", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const atFar = new Recorder({
        data: () => echo.write(text("reply")),
        end: () => echo.end(),
      });
      const echo = stage.loop.stream(far, atFar);
      const atNear = new Recorder({ end: () => void [stream, echo].map((one) => one.close()) });
      const stream = stage.loop.stream(near, atNear);
      stream.write(text("hello"));
      stream.end();
      await stage.run();
      expect(atFar.told.filter((what) => what !== "drain")).toEqual(["data hello", "end"]);
      expect(atNear.told).toEqual(["drain", "data reply", "end"]);
      expect([near.closed, far.closed]).toEqual([true, true]);
      expect([stream.bytesWritten, echo.bytesWritten]).toEqual([5, 5]);
    });

    it("send what a turn writes in one call", async () => {
      let sends = 0;
      const stage = openStage(subject, {
        system: (real) => ({
          send(...args) {
            sends++;
            return real.send(...args);
          },
        }),
      });
      const [near, far] = stage.pair();
      deliver(far, near, text("go"));
      const stream = stage.loop.stream(
        near,
        new Recorder({
          data() {
            for (let index = 0; index < 100; index++) stream.write(text(`${index};`));
            expect(stream.bufferedBytes).toBeGreaterThan(0);
            expect(sends).toBe(0);
          },
          drain: () => stage.loop.stop(),
        }),
      );
      await stage.run();
      expect(sends).toBe(1);
      expect(stream.bufferedBytes).toBe(0);
      expect(receive(far)).toBe(Array.from({ length: 100 }, (_, index) => `${index};`).join(""));
      stream.close();
    });

    it("do not wait for the turn's end with more than 64 KiB", async () => {
      let sends = 0;
      const stage = openStage(subject, {
        system: (real) => ({
          sendMessage(...args) {
            sends++;
            return real.sendMessage(...args);
          },
        }),
      });
      const [near, far] = stage.pair();
      far.options.receiveBufferSize = KiB * KiB;
      deliver(far, near, text("go"));
      const sendsAfter: number[] = [];
      const stream = stage.loop.stream(
        near,
        new Recorder({
          data() {
            for (let index = 0; index < 5; index++) {
              stream.write(new Uint8Array(15 * KiB));
              sendsAfter.push(sends);
            }
          },
          drain: () => stage.loop.stop(),
        }),
      );
      await stage.run();
      expect(sendsAfter).toEqual([0, 0, 0, 0, 1]);
      stream.close();
    });

    it("go on after short sends, and when there is room again", async () => {
      let calls = 0;
      const stage = openStage(subject, {
        system: (real) => ({
          send: (handle, address, length) =>
            ++calls % 3 === 0 ? -real.constants.EAGAIN : real.send(handle, address, Math.min(length, 7)),
        }),
      });
      const [near, far] = stage.pair();
      const atFar = new Recorder({ end: () => stage.loop.stop() });
      const reader = stage.loop.stream(far, atFar);
      const stream = stage.loop.stream(near, new Recorder());
      const message = "a message that takes many sends";
      stream.write(text(message));
      stream.end();
      await stage.run();
      expect(atFar.told).toEqual([`data ${message}`, "end"]);
      expect(calls).toBeGreaterThan(5);
      stream.close();
      reader.close();
    });

    it("send long writes from the user's memory, between short ones, however little the system takes", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      near.options.sendBufferSize = 8 * KiB;
      const parts = [
        text("head"),
        pattern(700 * KiB),
        text("middle"),
        pattern(40 * KiB),
        pattern(16 * KiB),
        text("tail"),
      ];
      const chunks: Uint8Array[] = [];
      const reader = stage.loop.stream(far, {
        onData: (chunk) => void chunks.push(chunk.slice()),
        onEnd: () => stage.loop.stop(),
        onDrain() {},
        onError: (error) => expect.unreachable(error.message),
      });
      const writer = new Recorder();
      const stream = stage.loop.stream(near, writer);
      for (const part of parts) stream.write(part);
      stream.end();
      await stage.run();
      expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat(parts))).toBe(0);
      expect(writer.told.length).toBeGreaterThan(2);
      expect(new Set(writer.told)).toEqual(new Set(["drain"]));
      expect(stream.bytesWritten).toBe(Buffer.concat(parts).length);
      stream.close();
      reader.close();
    });

    it("forward parts of what they receive, of every length and from anywhere, behind a head or without one", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const sent = pattern(3_000);
      const heads = [text("four"), text("longer"), new Uint8Array()];
      const expected: Uint8Array[] = [];
      let seen = 0;
      const forwarder = stage.loop.stream(far, {
        onData(chunk) {
          for (let from = 0, length = 0; from < chunk.length; from += length, length = (length + 1) % 41) {
            const end = Math.min(from + length, chunk.length);
            const head = heads[length % heads.length]!;
            forwarder.writeJoined(head, chunk, from, end);
            expected.push(head, sent.slice(seen + from, seen + end));
          }
          seen += chunk.length;
          if (seen === sent.length) forwarder.end();
        },
        onEnd() {},
        onDrain() {},
        onError: (error) => expect.unreachable(error.message),
      });
      forwarder.resume();
      const chunks: Uint8Array[] = [];
      const stream = stage.loop.stream(near, {
        onData: (chunk) => void chunks.push(chunk.slice()),
        onEnd: () => stage.loop.stop(),
        onDrain: () => void stream.write(sent.subarray(stream.bytesWritten, stream.bytesWritten + 700)),
        onError: (error) => expect.unreachable(error.message),
      });
      stream.resume();
      stream.write(sent.subarray(0, 300));
      await stage.run();
      expect(seen).toBe(sent.length);
      expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat(expected))).toBe(0);
      stream.close();
      forwarder.close();
    });

    it("tell a failure inside of write later, once, and ignore what is written after it", async () => {
      const stage = openStage(subject, { system: (real) => ({ sendMessage: () => -real.constants.ENOBUFS! }) });
      const [near, far] = stage.pair();
      deliver(far, near, text("go"));
      const recorder = new Recorder({
        data() {
          // More than 64 KiB: sent at once, from inside of this call.
          stream.write(new Uint8Array(100 * KiB));
          stream.write(text("more"));
          recorder.told.push("written");
        },
        error: () => stage.stopAfterTurns(),
      });
      const stream = stage.loop.stream(near, recorder);
      await stage.run();
      expect(recorder.told).toEqual(["data go", "written", "error ENOBUFS"]);
      expect(near.closed).toBe(true);
      expect(stream.bufferedBytes).toBe(0);
    });

    it.each(["write", "end"] as const)(
      "read what came before a reset although %s fails first, then tell it",
      async (how) => {
        const stage = openStage(subject);
        const [near, far] = stage.pair();
        near.options.receiveBufferSize = 600 * KiB;
        deliver(far, near, pattern(200 * KiB));
        far.abort();
        const recorder = new Recorder({ error: () => stage.stopAfterTurns() });
        const stream = stage.loop.stream(near, recorder);
        if (how === "write") stream.write(text("into the void"));
        else stream.end();
        await stage.run();
        expect(recorder.length).toBe(200 * KiB);
        expect(recorder.told).toHaveLength(2);
        expect(recorder.told[1]).toBe("error ECONNRESET");
        expect(near.closed).toBe(true);
      },
    );

    it("tell a failed write at once while nobody reads", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("never read"));
      far.abort();
      const recorder = new Recorder({ error: () => stage.stopAfterTurns() });
      const stream = stage.loop.stream(near);
      stream.start(recorder);
      stream.write(text("x"));
      await stage.run();
      expect(recorder.told).toEqual(["error ECONNRESET"]);
    });

    it("lose nothing that comes before they have handlers: neither data nor a failure", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const [other, otherFar] = stage.pair();
      deliver(far, near, text("early"));
      otherFar.abort();
      const streams = [near, other].map((socket) => stage.loop.stream(socket));
      for (const stream of streams) {
        stream.resume();
        stream.write(text("x"));
      }
      const recorders = [new Recorder(), new Recorder()];
      stage.afterTurns(5, () => {
        for (const [index, stream] of streams.entries()) stream.start(recorders[index]!);
        stage.stopAfterTurns();
      });
      await stage.run();
      expect(recorders.map(({ told }) => told.sort())).toEqual([["data early", "drain"], ["error ECONNRESET"]]);
      for (const stream of streams) stream.close();
    });

    it("take handlers once", () => {
      const stage = openStage(subject);
      const stream = stage.loop.stream(stage.pair()[0], new Recorder());
      expect(() => stream.start(new Recorder())).toThrow(expect.objectContaining({ code: "ERR_STREAM_STARTED" }));
      stream.close();
    });

    if (!subject.besideNode) return;

    it("send promptly what is written between turns", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const arrived: string[] = [];
      const reader = stage.loop.stream(far, new Recorder({ data: () => void arrived.push("data") }));
      const stream = stage.loop.stream(near, new Recorder());
      const running = stage.run();
      // While the loop waits and nothing else would end its wait.
      for (let round = 1; round <= 3; round++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const written = performance.now();
        stream.write(text("x"));
        while (arrived.length < round) await new Promise((resolve) => setImmediate(resolve));
        expect(performance.now() - written).toBeLessThan(500);
      }
      stream.close();
      reader.close();
      await running;
    });
  });
}
