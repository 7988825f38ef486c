import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findBun } from "../src/bun-program.js";
import { parseDescriptorLimit } from "../src/descriptor-limit.js";
import { Histogram } from "../src/load/histogram.js";
import { Pattern } from "../src/load/pattern.js";

describe("the histogram of our own load generator", () => {
  test("is off by less than 1 %", () => {
    fc.assert(
      fc.property(fc.double({ min: 200, max: 1e10, noNaN: true }), (nanoseconds) => {
        const histogram = new Histogram();
        histogram.add(nanoseconds);
        expect(Math.abs(histogram.percentile(0.5) / nanoseconds - 1)).toBeLessThan(0.01);
      }),
    );
  });

  test("finds the tail", () => {
    const histogram = new Histogram();
    for (let i = 0; i < 990; i++) histogram.add(100);
    for (let i = 0; i < 10; i++) histogram.add(100_000);
    expect(histogram.percentile(0.99)).toBe(100);
    expect(histogram.percentile(0.999)).toBeGreaterThan(99_000);
  });
});

describe("its pattern", () => {
  const pattern = new Pattern(25);

  test("differs between neighbours, and accepts itself", () => {
    expect(pattern.payload(0, 0)).not.toEqual(pattern.payload(0, 1));
    expect(pattern.payload(0, 0)).not.toEqual(pattern.payload(1, 0));
    expect(() => pattern.check(Uint8Array.from(pattern.payload(3, 4)), 3, 4)).not.toThrow();
  });

  test("refuses another length and another byte, and says where", () => {
    expect(() => pattern.check(new Uint8Array(24), 3, 4)).toThrow("connection 3, echo 4: expected 25 bytes, got 24");
    const wrong = Uint8Array.from(pattern.payload(3, 4));
    wrong[7]! ^= 1;
    expect(() => pattern.check(wrong, 3, 4)).toThrow(/^connection 3, echo 4, byte 11: expected 0x.., got 0x..$/);
  });
});

describe("what the machine has", () => {
  test("the hard limit of descriptors counts: a program may raise its own", () => {
    expect(parseDescriptorLimit("Max cpu time  1  2  s\nMax open files            1024      20000      files\n")).toBe(
      20_000,
    );
    expect(parseDescriptorLimit("Max open files  1024  unlimited  files\n")).toBe(Number.POSITIVE_INFINITY);
    expect(() => parseDescriptorLimit("")).toThrow("limits: expected a line Max open files, got none");
  });

  test("Bun is missing on a processor that it does not know", async () => {
    expect(await findBun("/nowhere", "mips")).toEqual({ missing: "Bun: expected processor x64 or arm64, got mips" });
  });
});
