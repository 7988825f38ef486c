import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORGIVEN_MS, HandshakeFailures, MAX_PENALTY_MS } from "../src/handshake-failures.js";

describe("failed handshakes of an address", () => {
  /** The penalty after each of so many failures, one behind the other. */
  const penalties = (failures: HandshakeFailures, count: number, now = 0, address = "a"): number[] =>
    Array.from({ length: count }, () => {
      failures.failed(address, now);
      return failures.penaltyMs(address, now);
    });

  it("cost nothing up to what is allowed, then a time that doubles", () => {
    expect(penalties(new HandshakeFailures(3, 100), 7)).toEqual([0, 0, 0, 100, 200, 400, 800]);
    expect(penalties(new HandshakeFailures(0, 100), 2)).toEqual([100, 200]);
  });

  it("cost an hour at most, unless the first penalty is longer", () => {
    expect(penalties(new HandshakeFailures(0, 1_000), 2_000).at(-1)).toBe(MAX_PENALTY_MS);
    expect(penalties(new HandshakeFailures(0, 10 * MAX_PENALTY_MS), 2)).toEqual([
      10 * MAX_PENALTY_MS,
      10 * MAX_PENALTY_MS,
    ]);
  });

  it("are over when the penalty is", () => {
    const failures = new HandshakeFailures(0, 100);
    failures.failed("a", 1_000);
    expect([1_000, 1_099, 1_100, 1_101].map((now) => failures.penaltyMs("a", now))).toEqual([100, 1, 0, 0]);
  });

  it("are forgotten, one each minute", () => {
    const failures = new HandshakeFailures(2, 100);
    expect(penalties(failures, 3)).toEqual([0, 0, 100]);
    expect(penalties(failures, 1, FORGIVEN_MS)).toEqual([100]);
    expect(penalties(failures, 3, 10 * FORGIVEN_MS)).toEqual([0, 0, 100]);
  });

  it("are those of that address alone", () => {
    const failures = new HandshakeFailures(0, 100);
    failures.failed("a", 0);
    expect(failures.penaltyMs("b", 0)).toBe(0);
  });

  it("are remembered of 16,384 addresses, those seen last", () => {
    const failures = new HandshakeFailures(0, 100);
    for (let i = 0; i < 100_000; i++) failures.failed(`address ${i}`, 0);
    expect(failures.size).toBe(16_384);
    expect([0, 83_700, 99_999].map((i) => failures.penaltyMs(`address ${i}`, 0))).toEqual([0, 100, 100]);
  });

  it("let nobody try for ever more than about once a minute, whenever it comes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 200, maxLength: 400 }),
        (gaps) => {
          const failures = new HandshakeFailures(5, 1_000);
          let now = 0;
          let tried = 0;
          for (const gap of gaps) {
            now += gap;
            if (failures.penaltyMs("a", now) > 0) continue;
            failures.failed("a", now);
            tried++;
          }
          // 5 allowed, then 1, 2, 4, ... 64 seconds, and from then on as many as are forgotten.
          expect(tried).toBeLessThanOrEqual(13 + now / FORGIVEN_MS);
        },
      ),
    );
  });
});
