import { describe, expect, it } from "vitest";
import { failureLines } from "../src/failure-lines.js";
import { clientFailure } from "../src/failures.js";
import { Latency } from "../src/latency.js";
import { Measurements } from "../src/measurements.js";
import { passed, type TestResult, testResult } from "../src/result.js";
import { formatMs, formatShare, formatTable } from "../src/table.js";

/** Two clients with two messages each, one second long, of which some came back. */
function twoByTwo(received: number, unexpected = 0, failures: TestResult["failures"] = []): TestResult {
  const measurements = new Measurements();
  for (let index = 0; index < 4; index++) measurements.messageSent(1000);
  for (let index = 0; index < received; index++) measurements.echoReceived((index % 2) + 1, 1000, 1500 + index * 100);
  measurements.unexpected = unexpected;
  return testResult({ mode: "echo", clients: 2, messages: 2 }, measurements, "epoll", failures);
}

describe("the result", () => {
  it("counts, and measures from the first message to the last echo", () => {
    const result = twoByTwo(4);
    expect(result).toMatchObject({
      clients: 2,
      messages: 2,
      sent: 4,
      received: 4,
      successRate: 1,
      seconds: 0.8,
      throughput: 5,
      interleaved: true,
      backend: "epoll",
      failures: [],
    });
    expect(result.latencyMs.mean).toBeCloseTo(650, 0);
    expect(passed(result)).toBe(true);
  });

  it("is a failure when one echo is missing, one too many, or any client failed", () => {
    expect(twoByTwo(3).successRate).toBe(0.75);
    expect(passed(twoByTwo(3))).toBe(false);
    expect(twoByTwo(4, 1).successRate).toBe(0.75);
    expect(passed(twoByTwo(4, 1))).toBe(false);
    expect(passed(twoByTwo(4, 0, [{ client: 1, code: "ECONNRESET", message: "read ECONNRESET" }]))).toBe(false);
  });

  it("has zeros, no NaN, where nothing came back", () => {
    const result = twoByTwo(0);
    expect(result).toMatchObject({ received: 0, successRate: 0, seconds: 0, throughput: 0, interleaved: false });
    expect(Object.values(result.latencyMs)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("latencies", () => {
  it("are summed up with an error below 0.1 %", () => {
    const latency = new Latency();
    for (let ms = 1; ms <= 1000; ms++) latency.record(ms);
    const { mean, p50, p90, p99, max } = latency.summary();
    for (const [got, wanted] of [
      [mean, 500.5],
      [p50, 500],
      [p90, 900],
      [p99, 990],
      [max, 1000],
    ] as const) {
      expect(Math.abs(got / wanted - 1)).toBeLessThan(0.001);
    }
  });

  it("may be too short to measure", () => {
    const latency = new Latency();
    latency.record(0);
    expect(latency.summary().max).toBe(0.000001);
  });
});

describe("the table", () => {
  it("has every figure", () => {
    const cells = formatTable(twoByTwo(4))
      .split("\n")
      .slice(1, -1)
      .map((row) => row.split("│").map((cell) => cell.trim()));
    const figures = Object.fromEntries(cells.map(([, name, value]) => [name, value]));
    expect(Object.keys(figures)).toEqual([
      "Clients",
      "Messages sent",
      "Messages received",
      "Success rate",
      "Total time",
      "Throughput",
      "Latency mean",
      "Latency p50",
      "Latency p90",
      "Latency p99",
      "Latency max",
      "Clients interleaved",
    ]);
    expect(figures).toMatchObject({
      Clients: "2",
      "Success rate": "100 %",
      "Total time": "800.00 ms",
      Throughput: "5 messages/s",
      "Clients interleaved": "yes",
    });
  });

  it("never rounds up to 100 %", () => {
    expect(formatShare(1)).toBe("100 %");
    expect(formatShare(0.999999)).toBe("99.99 %");
    expect(formatShare(0)).toBe("0.00 %");
  });

  it("shows milliseconds with two digits, or three below one", () => {
    expect(formatMs(11.237)).toBe("11.24 ms");
    expect(formatMs(0.65249)).toBe("0.652 ms");
  });
});

describe("failures", () => {
  it("are told one by one up to ten, with their codes once", () => {
    const failures = Array.from({ length: 12 }, (_, index) => ({
      client: index + 1,
      code: "ERR_ECHO_MISSING",
      message: "echoes: expected 2, got none",
    }));
    const lines = failureLines({ ...twoByTwo(0), failures });
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("[FAIL] Client 1: echoes: expected 2, got none (ERR_ECHO_MISSING)");
    expect(lines[10]).toBe("[FAIL] and 2 more clients");
    const refused = { client: 1, code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:9" };
    expect(failureLines({ ...twoByTwo(0), sent: 0, failures: [refused] })).toEqual([
      "[FAIL] Client 1: connect ECONNREFUSED 127.0.0.1:9",
      "[FAIL] No message was sent: 1 of 2 clients could not connect",
    ]);
  });

  it("have a code and one line, whatever was thrown", () => {
    expect(clientFailure(3, new TypeError("a\nb\x1b[0m"))).toEqual({
      client: 3,
      code: "TypeError",
      message: "a b [0m",
    });
    expect(clientFailure(3, "odd")).toEqual({ client: 3, code: "ERR_UNKNOWN", message: "odd" });
  });
});
