import { describe, expect, it, onTestFinished } from "vitest";
import { READABLE } from "../../src/index.js";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** The loop's timers in each host. How they are kept is tested beside this contract. */
export function timingContract(subject: Subject): void {
  describe("timers", () => {
    it("fire with nothing else to do, in order and not too early, and then the loop has nothing left", async () => {
      const stage = openStage(subject);
      const started = performance.now();
      const fired: { delay: number; after: number }[] = [];
      for (const delay of [30, 0, 10.5, 20]) {
        stage.loop.timers.set(delay, () => void fired.push({ delay, after: performance.now() - started }));
      }
      await stage.run();
      expect(fired.map(({ delay }) => delay)).toEqual([0, 10.5, 20, 30]);
      for (const { delay, after } of fired) expect(after).toBeGreaterThanOrEqual(delay);
    });

    it("fire beside a busy socket and beside an idle one", async () => {
      const stage = openStage(subject);
      const [busy, busyFar] = stage.pair();
      const [idle] = stage.pair();
      deliver(busyFar, busy, text("x"));
      stage.loop.add(busy, { onReadable() {} });
      stage.loop.add(idle, {}, READABLE);
      const fired: number[] = [];
      stage.loop.timers.set(5, () => {
        fired.push(1);
        stage.loop.remove(busy);
        stage.loop.timers.set(5, () => {
          fired.push(2);
          stage.loop.stop();
        });
      });
      await stage.run();
      expect(fired).toEqual([1, 2]);
    });

    it("do not fire when they were cancelled, and do not keep the loop running", async () => {
      const stage = openStage(subject);
      let fired = 0;
      const cancelled = stage.loop.timers.set(60_000, () => fired++);
      stage.loop.timers.set(5, () => cancelled.cancel());
      await stage.run();
      expect(fired).toBe(0);
      expect(stage.loop.timers.size).toBe(0);
    });

    it("are not fired early by a refresh after a long rest", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      let refreshed = 0;
      let fired = 0;
      const idle = stage.loop.timers.set(60_000, () => {
        fired = performance.now();
        stage.loop.stop();
      });
      const refresh = (): void => {
        refreshed = performance.now();
        idle.refresh(30);
      };
      stage.loop.add(near, {
        onReadable() {
          receive(near);
          refresh();
        },
      });
      if (subject.besideNode) setTimeout(refresh, 60);
      else stage.loop.timers.set(60, () => far.send(text("x")));
      await stage.run();
      expect(fired - refreshed).toBeGreaterThanOrEqual(29);
    });

    it("refuse a delay that is none", () => {
      const { timers } = openStage(subject).loop;
      const timer = timers.set(10, () => {});
      for (const delay of [-1, Number.NaN]) {
        expect(() => timers.set(delay, () => {})).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE" }));
        expect(() => timer.refresh(delay)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE" }));
      }
      expect(timers.size).toBe(1);
    });

    if (!subject.besideNode) return;

    it("beyond the longest wait of the system do not fire at once, and do not spin", async () => {
      const { loop } = openStage(subject);
      // Node warns of a wait that does not fit, and makes it 1 ms.
      const warnings: unknown[] = [];
      const warn = (warning: unknown): void => void warnings.push(warning);
      process.on("warning", warn);
      onTestFinished(() => void process.off("warning", warn));
      let fired = 0;
      for (const delay of [2 ** 31, 2 ** 33, Number.POSITIVE_INFINITY]) loop.timers.set(delay, () => fired++);
      const running = loop.run();
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 150));
      const { user, system } = process.cpuUsage(before);
      loop.stop();
      await running;
      expect([fired, warnings]).toEqual([0, []]);
      expect((user + system) / 1000).toBeLessThan(100);
    });
  });
}
