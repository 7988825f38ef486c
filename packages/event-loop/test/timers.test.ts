import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ManualClock } from "@p2pnet/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Timer, Timers } from "../src/index.js";

const unexpected = (error: unknown): never => {
  throw error;
};

/** What a loop does once a turn. */
const turn = (timers: Timers, report: (error: unknown) => void = unexpected): void => {
  timers.update();
  timers.expire(report);
  timers.rest();
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const heapUsed = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

describe("Timers", () => {
  const start = () => {
    const clock = new ManualClock(1_000);
    const fired: unknown[] = [];
    const timers = new Timers(clock);
    const set = (delay: number, name: unknown): Timer => timers.set(delay, () => fired.push(name));
    const advance = (ms: number): unknown[] => {
      clock.advance(ms);
      turn(timers);
      return fired.splice(0);
    };
    return { clock, timers, set, advance, fired };
  };

  it("fire once, by deadline, and in the order they were set for the same one", () => {
    const { set, advance, timers } = start();
    for (const [delay, name] of [
      [20, "c"],
      [10, "a1"],
      [30, "d"],
      [10, "a2"],
      [10.5, "b"],
      [10, "a3"],
    ] as const) {
      set(delay, name);
    }
    expect(advance(9)).toEqual([]);
    expect(advance(1)).toEqual(["a1", "a2", "a3"]);
    expect(advance(20)).toEqual(["b", "c", "d"]);
    expect(advance(1_000)).toEqual([]);
    expect(timers.size).toBe(0);
  });

  it("tell how long to wait: whole milliseconds, never too short", () => {
    const { set, timers, clock } = start();
    turn(timers);
    expect(timers.nextDelay()).toBe(-1);
    const late = set(100, "late");
    set(10.25, "early").cancel();
    expect(timers.nextDelay()).toBe(100);
    set(10.25, "early");
    expect(timers.nextDelay()).toBe(11);
    clock.advance(10.5);
    expect(timers.nextDelay()).toBe(0);
    turn(timers);
    expect(timers.nextDelay()).toBe(90);
    late.refresh(Number.POSITIVE_INFINITY);
    clock.advance(200);
    turn(timers);
    expect(timers.nextDelay()).toBe(0x7fffffff);
  });

  it("know the turn's time during a turn and the clock's between turns", () => {
    const { timers, clock } = start();
    timers.update();
    clock.advance(5);
    expect(timers.now).toBe(1_000);
    timers.rest();
    expect(timers.now).toBe(1_005);
  });

  it("are refreshed to a later and to an earlier deadline", () => {
    const { set, advance } = start();
    const timer = set(10, "x");
    advance(9);
    timer.refresh(10);
    expect(advance(9)).toEqual([]);
    expect(timer.pending).toBe(true);
    timer.refresh(5);
    expect(advance(4)).toEqual([]);
    timer.refresh(1);
    expect(advance(1)).toEqual(["x"]);
    expect(timer.pending).toBe(false);
  });

  it("that are set in a turn wait for the next, of 0 ms too", () => {
    const { timers, set, fired } = start();
    set(0, "before");
    timers.update();
    set(0, "in the turn");
    timers.expire(unexpected);
    timers.rest();
    expect(fired.splice(0)).toEqual(["before"]);
    turn(timers);
    expect(fired).toEqual(["in the turn"]);
  });

  it("look at the heap for an earlier deadline only: later ones cost nothing, and wake nobody", () => {
    const clock = new ManualClock();
    let earlier = 0;
    const timers = new Timers(clock, () => earlier++);
    const timer = timers.set(100, () => {});
    expect(earlier).toBe(1);
    for (let ms = 1; ms < 100; ms++) {
      clock.advance(0.5);
      timer.refresh(100);
    }
    expect(earlier).toBe(1);
    timer.refresh(1);
    expect(earlier).toBe(2);
  });

  it("may be refreshed by their own callback, and revived after they fired or were cancelled", () => {
    const { clock, timers, advance, set } = start();
    let fired = 0;
    const interval = timers.set(10, () => {
      if (++fired < 3) interval.refresh(10);
    });
    for (let ms = 0; ms < 50; ms++) {
      clock.advance(1);
      turn(timers);
    }
    expect(fired).toBe(3);
    const timer = set(10, "again");
    timer.cancel();
    expect(timers.size).toBe(0);
    timer.refresh(10);
    expect(timers.size).toBe(1);
    expect(advance(10)).toEqual(["again"]);
  });

  it("may be cancelled twice, after they fired, and by another's callback", () => {
    const { timers, clock, fired, set } = start();
    const victim = set(10, "victim");
    timers.set(5, () => {
      victim.cancel();
      victim.cancel();
    });
    const done = set(1, "done");
    clock.advance(100);
    turn(timers);
    done.cancel();
    expect(fired).toEqual(["done"]);
    expect(timers.size).toBe(0);
  });

  it("that are set by a callback wait for the next turn", () => {
    const { timers, advance, fired } = start();
    const again = (): void => {
      fired.push("0 ms");
      timers.set(0, again);
    };
    timers.set(0, again);
    expect(advance(0)).toEqual(["0 ms"]);
    expect(advance(0)).toEqual(["0 ms"]);
  });

  it("that are set in a turn wait for the next, although the clock is read again in it", () => {
    const { timers, clock, set, fired } = start();
    set(5, "set before");
    clock.advance(5);
    timers.update();
    set(0, "set within");
    clock.advance(1);
    timers.updateNow();
    timers.expire(() => {});
    expect(fired).toEqual(["set before"]);
    turn(timers);
    expect(fired).toEqual(["set before", "set within"]);
  });

  it("all fire although one throws, and what was thrown is reported", () => {
    const { timers, clock, set, fired } = start();
    set(1, "before");
    timers.set(1, () => {
      throw new Error("from a timer");
    });
    set(1, "after");
    const reported: unknown[] = [];
    clock.advance(1);
    turn(timers, (error) => reported.push(error));
    expect(fired).toEqual(["before", "after"]);
    expect(reported).toEqual([new Error("from a timer")]);
  });

  it("leave nothing behind when they are cancelled or refreshed, however often", async () => {
    const { timers, set } = start();
    const timer = set(1_000_000, "kept");
    const held: WeakRef<object>[] = [];
    for (let index = 0; index < 10_000; index++) {
      const callback = (): void => {};
      held.push(new WeakRef(callback));
      timers.set(100_000 + index, callback).cancel();
    }
    // A weak reference holds on until the job that made it is over.
    await new Promise((resolve) => setImmediate(resolve));
    const before = heapUsed();
    expect(held.filter((callback) => callback.deref() !== undefined).length).toBeLessThanOrEqual(64);
    // Always to an earlier deadline: the only refresh that the heap hears of.
    for (let index = 0; index < 200_000; index++) timer.refresh(900_000 - index);
    expect(heapUsed() - before).toBeLessThan(2_000_000);
    expect(timers.size).toBe(1);
  });

  it("let go of their callbacks as soon as they are cancelled, however many others run", async () => {
    const timers = new Timers(new ManualClock());
    const held: WeakRef<object>[] = [];
    const setAndLetGo = (end: (timer: Timer) => void): void => {
      const callback = (): void => {};
      held.push(new WeakRef(callback));
      end(timers.set(1000, callback));
    };
    for (let i = 0; i < 100; i++) timers.set(1000, () => {});
    setAndLetGo((timer) => timer.cancel());
    setAndLetGo((timer) => {
      timer.refresh(10);
      timer.cancel();
    });
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(held.map((callback) => callback.deref())).toEqual([undefined, undefined]);
    expect(timers.size).toBe(100);
  });

  it("do as a sorted list would, whatever is set, refreshed, cancelled and let pass", () => {
    const command = fc.oneof(
      fc.record({ what: fc.constant("set" as const), ms: fc.nat(50) }),
      fc.record({ what: fc.constant("refresh" as const), which: fc.nat(30), ms: fc.nat(50) }),
      fc.record({ what: fc.constant("cancel" as const), which: fc.nat(30) }),
      fc.record({ what: fc.constant("pass" as const), ms: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const clock = new ManualClock();
        const timers = new Timers(clock);
        turn(timers);
        const all: Timer[] = [];
        const fired: number[] = [];
        /** Deadlines of pending timers, by number. */
        const model = new Map<number, number>();
        for (const step of commands) {
          if (step.what === "set") {
            const number = all.length;
            all.push(timers.set(step.ms, () => fired.push(number)));
            model.set(number, clock.now() + step.ms);
          } else if (step.what === "pass") {
            clock.advance(step.ms);
            turn(timers);
            const due = [...model].filter(([, deadline]) => deadline <= clock.now());
            // Every one that is due, once, in the order of deadlines.
            expect([...fired].sort()).toEqual(due.map(([number]) => number).sort());
            const deadlines = fired.map((number) => model.get(number)!);
            expect(deadlines).toEqual([...deadlines].sort((a, b) => a - b));
            for (const number of fired.splice(0)) model.delete(number);
          } else if (step.which < all.length) {
            if (step.what === "cancel") {
              all[step.which]!.cancel();
              model.delete(step.which);
            } else {
              all[step.which]!.refresh(step.ms);
              model.set(step.which, clock.now() + step.ms);
            }
          }
          expect(timers.size).toBe(model.size);
          expect(all.map((timer) => timer.pending)).toEqual(all.map((_, number) => model.has(number)));
          const wait = timers.nextDelay();
          const next = Math.min(...model.values()) - clock.now();
          // It may look too early, after a refresh, but never too late.
          if (model.size === 0) expect(wait).toBe(-1);
          else expect(wait).toBeLessThanOrEqual(Math.max(0, next));
        }
      }),
      { numRuns: 200 },
    );
  });
});
