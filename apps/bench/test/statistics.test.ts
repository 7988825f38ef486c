import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, quantile, ratiosPerRound, spread } from "../src/statistics.js";

describe("quantile", () => {
  test("of an odd number of values is one of them, in any order", () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ lower: 2, median: 3, upper: 4 });
  });

  test("between two values lies between them", () => {
    expect(spread([1, 2, 3, 4])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
  });

  test("of one value is that value", () => {
    expect(spread([7])).toEqual({ lower: 7, median: 7, upper: 7 });
  });

  test("does not reorder what it was given", () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  test("of nothing is refused", () => {
    expect(() => quantile([], 0.5)).toThrow("values: expected at least one, got none");
  });

  test("never leaves the range of the values, and grows with the share", () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, (some) => {
        const { lower, median: middle, upper } = spread(some);
        const marks = [Math.min(...some), lower, middle, upper, Math.max(...some)];
        expect(marks).toEqual([...marks].sort((a, b) => a - b));
      }),
    );
  });
});

describe("ratios", () => {
  test("are taken round by round, so that a slow round of both cancels out", () => {
    const baseline = [10, 10, 1000];
    expect(ratiosPerRound([20, 30, 2000], baseline)).toEqual([2, 3, 2]);
    expect(median(ratiosPerRound([20, 30, 2000], baseline))).toBe(2);
  });

  test("need as many rounds on both sides", () => {
    expect(() => ratiosPerRound([1, 2], [1])).toThrow("rounds: expected 1 values, got 2");
  });
});
