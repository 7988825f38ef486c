import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lanes } from "../src/report/lanes.js";
import { LatencySpread } from "../src/report/latency-spread.js";
import { Throughput } from "../src/report/throughput.js";

describe("what a report draws", () => {
  it("counts every message once, however long the test lasts", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 500 }), (times) => {
        const throughput = new Throughput();
        for (const at of times) throughput.record(at);
        const rates = throughput.rates();
        expect(rates.length).toBeLessThanOrEqual(120);
        const total = rates.reduce((sum, [, perSecond]) => sum + (perSecond * throughput.stepMs) / 1000, 0);
        expect(total).toBeCloseTo(times.length, 6);
      }),
    );
  });

  it("puts every latency into the step that holds it", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1 }), (latencies) => {
        const spread = new LatencySpread();
        for (const ms of latencies) spread.record(ms);
        const steps = spread.steps();
        expect(steps.reduce((sum, { count }) => sum + count, 0)).toBe(latencies.length);
        expect(steps[0]!.from).toBeLessThanOrEqual(Math.min(...latencies) * 1.0001);
        expect(steps.at(-1)!.to).toBeGreaterThanOrEqual(Math.max(...latencies) * 0.9999);
      }),
    );
  });

  it("says below which latency a share of the messages stayed", () => {
    const spread = new LatencySpread();
    for (let count = 0; count < 99; count++) spread.record(1);
    spread.record(1000);
    const [most, all] = spread.percentiles();
    expect(most![0]).toBeCloseTo(0.99);
    expect(most![1]).toBeGreaterThanOrEqual(1);
    expect(most![1]).toBeLessThan(1.2);
    expect(all![0]).toBe(1);
    expect(all![1]).toBeGreaterThanOrEqual(1000);
  });

  it("has nothing to draw where nothing came back", () => {
    expect(new Throughput().rates()).toEqual([]);
    expect(new LatencySpread().percentiles()).toEqual([]);
  });

  it("shows no more clients and messages than can be told apart", () => {
    const lanes = new Lanes();
    for (let client = 100; client > 0; client--) {
      for (let message = 0; message < 200; message++) lanes.record(client, message, message + 1);
    }
    expect(lanes.clients.length).toBe(20);
    expect(lanes.spans.length).toBe(4_000);
    lanes.record(1, 0, 1);
    expect(lanes.spans.length).toBe(4_000);
  });
});
