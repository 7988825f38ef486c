import { describe, expect, test } from "vitest";
import { CASES } from "../src/cases.js";
import { describeMachine, formatMachine, requireLinux } from "../src/machine.js";
import { LOAD_METRICS } from "../src/metrics.js";
import { formatCase } from "../src/report.js";
import type { Sample } from "../src/sample.js";
import { summarize } from "../src/summary.js";

const MIB = 1024 * 1024;

function sample(messagesPerSecond: number, cpuMicros: number, generatorBusy: number): Sample {
  const latencies = { p50Micros: 50, p99Micros: 200.4, p999Micros: 1234.5 };
  return { messagesPerSecond, cpuMicros, ...latencies, residentBytes: 2 * MIB, idleBytes: 0, generatorBusy };
}

const c = [sample(100_000, 2, 0.5), sample(200_000, 4, 0.5), sample(100_000, 2, 0.5)];
const node = [sample(50_000, 4, 0.5), sample(80_000, 10, 0.5), sample(60_000, 5, 0.5)];
const busy = (samples: Sample[]): Sample[] => samples.map((each) => ({ ...each, generatorBusy: 1 }));

function report(cSamples: Sample[], nodeSamples: Sample[]): string {
  const peers = [
    summarize("c-epoll", LOAD_METRICS, cSamples, cSamples),
    summarize("node-net", LOAD_METRICS, nodeSamples, cSamples),
  ];
  const skipped = [{ name: "p2pnet-poll", reason: "apps/async-server is not built" }];
  return formatCase({ benchCase: CASES[0]!, peers, skipped }, 3);
}

/** The cells of the row of a peer: of the figures (0) or of the ratios (1). */
function cells(text: string, peer: string, table: number): string[] {
  const row = text.split("\n").filter((line) => line.startsWith(`│ ${peer} `))[table];
  return (row ?? "").split("│").map((cell) => cell.trim());
}

describe("the report of a case", () => {
  test("shows medians of the rounds with their units", () => {
    const text = report(c, node);
    expect(text).toContain("echo: 100 connections, 1 message under way on each, 25-byte payload");
    expect(cells(text, "median", 0)).toEqual([
      "",
      "median",
      "messages/s",
      "CPU µs/message",
      "p50 µs",
      "p99 µs",
      "p99.9 µs",
      "RSS MiB",
      "",
    ]);
    expect(cells(text, "c-epoll", 0)).toEqual(["", "c-epoll", "100,000", "2.00", "50.0", "200", "1,235", "2.0", ""]);
    expect(cells(text, "node-net", 0).slice(2, 4)).toEqual(["60,000", "5.00"]);
  });

  test("shows the median and the quartiles of the ratios of each round", () => {
    const text = report(c, node);
    expect(text).toContain("median of 3 (lower–upper quartile)");
    expect(cells(text, "node-net", 1).slice(2, 4)).toEqual(["0.50 (0.45–0.55)", "2.50 (2.25–2.50)"]);
  });

  test("names who was skipped and why", () => {
    expect(report(c, node)).toContain("skipped: p2pnet-poll (apps/async-server is not built)");
  });

  test("says nothing of bounds while the generator kept up", () => {
    expect(report(c, node)).not.toMatch(/[≥≤]/);
  });
});

describe("without C to divide by", () => {
  test("there are figures and no ratios", () => {
    const text = formatCase(
      { benchCase: CASES[0]!, peers: [summarize("node-net", LOAD_METRICS, node, undefined)], skipped: [] },
      3,
    );
    expect(cells(text, "node-net", 0)[2]).toBe("60,000");
    expect(text).not.toContain("ratio");
  });
});

describe("a generator at its limit", () => {
  test("makes throughput a lower bound, and its ratio an upper one when only C was held back", () => {
    const text = report(busy(c), node);
    expect(cells(text, "c-epoll", 0)[2]).toBe("≥ 100,000");
    expect(cells(text, "node-net", 0)[2]).toBe("60,000");
    expect(cells(text, "node-net", 1)[2]).toBe("≤ 0.50 (0.45–0.55)");
    expect(text).toContain("the load generator was the limit here");
  });

  test("makes the ratio a lower bound when only the peer was held back", () => {
    expect(cells(report(c, busy(node)), "node-net", 1)[2]).toBe("≥ 0.50 (0.45–0.55)");
  });

  test("leaves no ratio of throughput when both were held back, but that of CPU time", () => {
    const ratios = cells(report(busy(c), busy(node)), "node-net", 1);
    expect(ratios.slice(2, 4)).toEqual(["–", "2.50 (2.25–2.50)"]);
  });
});

test("the machine is named with Node, system, processors and compiler", () => {
  const text = formatMachine(describeMachine("cc 12.2"));
  expect(text).toContain(`Node ${process.versions.node}, ${process.platform} `);
  expect(text).toMatch(/, \d+ x .+, cc 12\.2$/);
});

test("another system than Linux is refused with ERR_SYSTEM", () => {
  expect(() => requireLinux("darwin")).toThrow(
    expect.objectContaining({ code: "ERR_SYSTEM", message: "system: expected linux, got darwin" }),
  );
});
