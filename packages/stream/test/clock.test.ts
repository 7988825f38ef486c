import { describe, expect, it } from "vitest";
import { ManualClock, systemClock } from "../src/clock.js";

describe("systemClock", () => {
  it("counts milliseconds, and never goes back", () => {
    const before = performance.now();
    const times = Array.from({ length: 1_000 }, () => systemClock.now());
    const after = performance.now();
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(before);
    expect(times.at(-1)).toBeLessThanOrEqual(after);
  });
});

describe("ManualClock", () => {
  it("stands still until it is moved", () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    clock.advance(250.5);
    clock.advance(0);
    expect(clock.now()).toBe(1_250.5);
  });

  it("starts at 0", () => {
    expect(new ManualClock().now()).toBe(0);
  });

  it.each([-1, Number.NaN])("refuses to move by %d", (ms) => {
    const clock = new ManualClock(5);
    expect(() => clock.advance(ms)).toThrow(
      expect.objectContaining({
        name: "StreamError",
        code: "ERR_OUT_OF_RANGE",
        message: `ms: expected a number of at least 0, got ${ms}`,
      }),
    );
    expect(clock.now()).toBe(5);
  });
});
