import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** Nobody holds a turn, however much there is to do for one. */
export function fairnessContract(subject: Subject): void {
  describe("fairness", () => {
    it("tells a flooded socket once a turn, beside a ping on another", async () => {
      const stage = openStage(subject);
      const [flooded, flood] = stage.pair();
      deliver(flood, flooded, new Uint8Array(10_000));
      const byte = new Uint8Array(1);
      let bytes = 0;
      stage.loop.add(flooded, {
        onReadable() {
          bytes += flooded.recv(byte);
        },
      });
      const [near, far] = stage.pair();
      const between: number[] = [];
      stage.loop.add(near, {
        onReadable() {
          receive(near);
          between.push(bytes);
          bytes = 0;
          if (between.length === 50) stage.loop.stop();
          else deliver(far, near, text("ping"));
        },
      });
      deliver(far, near, text("ping"));
      await stage.run();
      expect(Math.max(...between)).toBeLessThanOrEqual(2);
    });

    it("receives once a turn for a stream, however much has arrived", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      near.options.receiveBufferSize = 1_000_000;
      far.send(new Uint8Array(500_000));
      const order: string[] = [];
      const stream = stage.loop.stream(near, {
        onData: () => void order.push("data"),
        onEnd() {},
        onDrain() {},
        onError() {},
      });
      const [other, otherFar] = stage.pair();
      stage.loop.add(other, {
        onReadable() {
          order.push("ping");
          receive(other);
          if (order.length > 10) stage.loop.stop();
          else deliver(otherFar, other, text("ping"));
        },
      });
      deliver(otherFar, other, text("ping"));
      await stage.run();
      stream.close();
      expect(order.join()).not.toMatch(/data,data,data/);
      expect(order.filter((what) => what === "data").length).toBeGreaterThan(1);
    });

    it("accepts at most 64 peers a turn, and all of them in the end", async () => {
      const stage = openStage(subject);
      const listener = stage.listening();
      const peers = Array.from({ length: 500 }, () => {
        const peer = stage.socket();
        peer.connect(listener.localAddress);
        return peer;
      });
      const batches: number[] = [0];
      const [marker] = stage.pair();
      stage.loop.add(marker, { onWritable: () => void batches.push(0) });
      let accepted = 0;
      stage.loop.listener(listener, {
        onConnection(socket) {
          socket.close();
          batches[batches.length - 1]!++;
          if (++accepted === peers.length) stage.loop.stop();
        },
        onError: (error) => expect.unreachable(error.message),
      });
      await stage.run();
      expect(accepted).toBe(500);
      expect(Math.max(...batches)).toBe(64);
    });

    it("sends a bounded number of times a turn to a peer that takes whatever comes", async () => {
      let sends = 0;
      const stage = openStage(subject, {
        system: () => ({
          sendMessage() {
            sends++;
            return 65_536;
          },
        }),
      });
      const [near] = stage.pair();
      const stream = stage.loop.stream(near, { onData() {}, onEnd() {}, onDrain() {}, onError() {} });
      const perTurn: number[] = [];
      const [marker] = stage.pair();
      stage.loop.add(marker, {
        onWritable() {
          perTurn.push(sends);
          sends = 0;
          if (stream.bufferedBytes === 0) stage.loop.stop();
        },
      });
      stream.write(new Uint8Array(100 * 65_536));
      await stage.run();
      stream.close();
      expect(stream.bytesWritten).toBe(100 * 65_536);
      expect(Math.max(...perTurn)).toBeLessThanOrEqual(32);
    });

    it("lets timers of 0 ms that set each other wait for the next turn", async () => {
      const stage = openStage(subject);
      let fired = 0;
      const again = (): void => {
        fired++;
        stage.loop.timers.set(0, again);
      };
      again();
      const [marker] = stage.pair();
      let turns = 0;
      stage.loop.add(marker, { onWritable: () => void (++turns === 20 && stage.loop.stop()) });
      await stage.run();
      expect(turns).toBe(20);
      expect(fired).toBeLessThanOrEqual(2 * turns + 5);
    });

    it.runIf(subject.besideNode || subject.drainsMicrotasks)(
      "runs what promises and next ticks have queued before it waits again",
      async () => {
        const stage = openStage(subject);
        const [near, far] = stage.pair();
        const order: string[] = [];
        const both = (name: string): void => {
          process.nextTick(() => order.push(`${name}: tick`));
          void Promise.resolve().then(() => order.push(`${name}: promise`));
        };
        const stream = stage.loop.stream(near, {
          onData() {
            both("data");
            stream.write(text("reply"));
          },
          onEnd() {},
          onDrain: () => both("drain"),
          onError() {},
        });
        deliver(far, near, text("x"));
        // Nothing else comes that could end the wait.
        stage.loop.timers.set(5_000, () => expect.unreachable());
        stage.loop.timers.set(1, () => {
          both("timer");
          void Promise.resolve().then(() => stage.loop.timers.set(20, () => stage.loop.stop()));
        });
        const started = performance.now();
        await stage.run();
        expect(performance.now() - started).toBeLessThan(2_000);
        const names = ["data", "drain", "timer"];
        expect(new Set(order)).toEqual(new Set(names.flatMap((name) => [`${name}: tick`, `${name}: promise`])));
        expect(receive(far)).toBe("reply");
        stream.close();
      },
    );

    if (!subject.besideNode) return;

    it("leaves Node's timers, immediates, promises and file reads their turn beside a flood", async () => {
      const stage = openStage(subject);
      const [flooded, flood] = stage.pair();
      deliver(flood, flooded, text("x"));
      let told = 0;
      stage.loop.add(flooded, { onReadable: () => told++ });
      const running = stage.run();

      const late: number[] = [];
      const intervals = new Promise<void>((resolve) => {
        let due = performance.now() + 5;
        const interval = setInterval(() => {
          const now = performance.now();
          late.push(now - due);
          due = now + 5;
          if (late.length < 21) return;
          clearInterval(interval);
          resolve();
        }, 5);
      });
      const immediates = (async () => {
        for (let count = 0; count < 20; count++) await new Promise((resolve) => setImmediate(resolve));
      })();
      const reads = (async () => {
        for (let count = 0; count < 20; count++) await readFile(new URL(import.meta.url));
      })();
      await Promise.all([intervals, immediates, reads]);
      stage.loop.stop();
      await running;
      // The median: the machine may have other things to do.
      expect(late.sort((a, b) => a - b)[10]).toBeLessThan(100);
      expect(told).toBeGreaterThan(100);
    });
  });
}
