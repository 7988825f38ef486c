import { describe, expect, test } from "vitest";
import { judgeFlatness, type Sample } from "../src/soak/flatness.js";

const end = { descriptorsBefore: 20, descriptorsAfter: 20, wrong: 0, uncaught: 0 };

/** Nine samples with these heaps, and the same memory throughout. */
function samples(heaps: readonly number[]): Sample[] {
  return heaps.map((mib) => ({ heap: mib * 2 ** 20, resident: 100 * 2 ** 20, descriptors: 1_020 }));
}

describe("a soak is flat", () => {
  test("when the last third is no higher than the middle one, however much came before", () => {
    const findings = judgeFlatness(samples([1, 5, 9, 10, 10, 10, 10, 10, 10.4]), end);
    expect(findings.every(({ holds }) => holds)).toBe(true);
    expect(findings[0]).toMatchObject({ bound: "≤ +5 %", measured: "+0.00 % (10.00 → 10.00 MiB)" });
  });

  test("not when it goes on growing", () => {
    const [heap, resident] = judgeFlatness(samples([1, 2, 3, 4, 5, 6, 7, 8, 9]), end);
    expect(heap).toMatchObject({ holds: false, measured: "+60.00 % (5.00 → 8.00 MiB)" });
    expect(resident!.holds).toBe(true);
  });

  test.each([{ descriptorsAfter: 21 }, { wrong: 1 }, { uncaught: 1 }])("not with %j", (changed) => {
    const findings = judgeFlatness(samples([1, 1, 1, 1, 1, 1]), { ...end, ...changed });
    expect(findings.filter(({ holds }) => !holds)).toHaveLength(1);
  });

  test("not to be judged by too few samples", () => {
    expect(() => judgeFlatness(samples([1, 1, 1]), end)).toThrow("samples: expected at least 6, got 3");
  });
});
