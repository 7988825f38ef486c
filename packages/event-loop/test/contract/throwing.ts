import { describe, expect, it } from "vitest";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** Handlers that throw. */
export function throwingContract(subject: Subject): void {
  describe("throwing handlers", () => {
    it("finishes the batch before it tells what was thrown", async () => {
      const order: unknown[] = [];
      const stage = openStage(subject, { onUncaught: (error) => order.push(error) });
      for (const name of ["a", "b", "c"]) {
        const [near, far] = stage.pair();
        deliver(far, near, text("x"));
        stage.loop.add(near, {
          onReadable() {
            receive(near);
            order.push(name);
            throw `thrown by ${name}`;
          },
        });
      }
      stage.stopAfterTurns();
      await stage.run();
      expect(order.slice(0, 3).sort()).toEqual(["a", "b", "c"]);
      expect(order.slice(3)).toEqual(order.slice(0, 3).map((name) => `thrown by ${name}`));
    });

    it("starves nobody when a handler always throws without reading", async () => {
      const stage = openStage(subject);
      const [bad, badFar] = stage.pair();
      deliver(badFar, bad, text("x"));
      stage.loop.add(bad, {
        onReadable() {
          throw new Error("always");
        },
      });
      const [near, far] = stage.pair();
      let pings = 0;
      stage.loop.add(near, {
        onReadable() {
          receive(near);
          if (++pings === 50) stage.loop.stop();
          else far.send(text("ping"));
        },
      });
      far.send(text("ping"));
      await stage.run();
      expect(pings).toBe(50);
      expect(stage.uncaught.length).toBeGreaterThan(10);
      expect(stage.loop.size).toBe(2);
    });

    it("tells what timers and streams' handlers throw", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      stage.loop.timers.set(1, () => {
        throw "timer";
      });
      const stream = stage.loop.stream(near, {
        onData() {},
        onEnd() {},
        onError() {},
        onDrain() {
          throw "drain";
        },
      });
      stream.write(text("x"));
      stage.loop.timers.set(10, () => stage.loop.stop());
      await stage.run();
      stream.close();
      expect(new Set(stage.uncaught)).toEqual(new Set(["timer", "drain"]));
    });

    it("tells what was thrown although the loop was stopped, or has nothing left to do", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      stage.loop.add(near, {
        onReadable() {
          stage.loop.stop();
          throw "after stop";
        },
      });
      await stage.run();
      expect(stage.uncaught).toEqual(["after stop"]);

      stage.loop.remove(near);
      stage.loop.timers.set(0, () => {
        throw "the last timer";
      });
      await stage.run();
      expect(stage.uncaught).toEqual(["after stop", "the last timer"]);
    });

    if (subject.besideNode) return;

    it("throws from runSync after the batch, and can be run again", async () => {
      const stage = openStage(subject, { onUncaught: null });
      const told: string[] = [];
      const error = new Error("from a handler");
      for (const name of ["a", "b"]) {
        const [near, far] = stage.pair();
        deliver(far, near, text("x"));
        stage.loop.add(near, {
          onReadable() {
            receive(near);
            told.push(name);
            if (told.length === 1) throw error;
          },
        });
      }
      await expect(stage.run()).rejects.toBe(error);
      expect(told.sort()).toEqual(["a", "b"]);
      expect(stage.loop.running).toBe(false);
      stage.stopAfterTurns();
      await stage.run();
    });

    it("throws an AggregateError from runSync for several", async () => {
      const stage = openStage(subject, { onUncaught: null });
      for (const name of ["a", "b"]) {
        const [near, far] = stage.pair();
        deliver(far, near, text("x"));
        stage.loop.add(near, {
          onReadable() {
            throw name;
          },
        });
      }
      const error = await stage.run().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AggregateError);
      expect(new Set((error as AggregateError).errors)).toEqual(new Set(["a", "b"]));
    });

    it("throws from runSync what onUncaught throws itself", async () => {
      const stage = openStage(subject, {
        onUncaught(error) {
          throw `again: ${error}`;
        },
      });
      stage.loop.timers.set(1, () => {
        throw "timer";
      });
      stage.loop.timers.set(1_000, () => {});
      await expect(stage.run()).rejects.toBe("again: timer");
    });
  });
}
