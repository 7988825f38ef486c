import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AcceptRate } from "../src/accept-rate.js";

describe("the accept rate of an address", () => {
  const take = (rate: AcceptRate, count: number, now: number, address = "a"): boolean[] =>
    Array.from({ length: count }, () => rate.take(address, now));

  it("allows as many at once as in a second, and then one for each part of it", () => {
    const rate = new AcceptRate(4);
    expect(take(rate, 6, 0)).toEqual([true, true, true, true, false, false]);
    expect(take(rate, 2, 249)).toEqual([false, false]);
    expect(take(rate, 2, 250)).toEqual([true, false]);
    expect(take(rate, 6, 10_000)).toEqual([true, true, true, true, false, false]);
  });

  it("allows one at a time below one a second", () => {
    const rate = new AcceptRate(0.5);
    expect([...take(rate, 2, 0), ...take(rate, 1, 1_999), ...take(rate, 2, 2_000)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it("counts every address for itself", () => {
    const rate = new AcceptRate(1);
    expect(take(rate, 2, 0, "a")).toEqual([true, false]);
    expect(take(rate, 2, 0, "b")).toEqual([true, false]);
  });

  it("forgets who has been away for long enough", () => {
    const rate = new AcceptRate(2);
    for (let i = 0; i < 100; i++) rate.take(`address ${i}`, 0);
    expect(rate.size).toBe(100);
    rate.take("another", 1_000);
    expect(rate.size).toBe(1);
  });

  it("remembers no more than 16,384 addresses, and those seen last", () => {
    const rate = new AcceptRate(1);
    for (let i = 0; i < 100_000; i++) rate.take(`address ${i}`, 0);
    expect(rate.size).toBe(16_384);
    expect(rate.take("address 99999", 0)).toBe(false);
    expect(rate.take("address 83700", 0)).toBe(false);
    expect(rate.take("address 0", 0)).toBe(true);
  });

  it("never allows more than the rate and one burst, whenever they come", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 200 }),
        (perSecond, gaps) => {
          const rate = new AcceptRate(perSecond);
          let now = 0;
          let taken = 0;
          for (const gap of gaps) {
            now += gap;
            if (rate.take("a", now)) taken++;
          }
          expect(taken).toBeLessThanOrEqual(perSecond + (perSecond * now) / 1_000 + 1e-6);
        },
      ),
    );
  });
});
