import { describe, expect, test } from "vitest";
import { parseClientReport } from "../src/client-report.js";
import { clientsRow, formatClientsTable } from "../src/clients-table.js";

const REPORT = {
  clients: 10,
  messages: 20,
  sent: 200,
  received: 200,
  successRate: 1,
  seconds: 0.02,
  throughput: 10_000,
  latencyMs: { mean: 0.5, p50: 0.4, p90: 0.9, p99: 1.25, max: 2 },
  interleaved: true,
  backend: "epoll",
  failures: [],
};

describe("the report of concurrent-test", () => {
  test("is read from its JSON", () => {
    expect(parseClientReport(`${JSON.stringify(REPORT)}\n`)).toEqual({
      clients: 10,
      backend: "epoll",
      successRate: 1,
      throughput: 10_000,
      latencyMs: { mean: 0.5, p99: 1.25 },
    });
  });

  test.each([
    ["no JSON", "Usage: concurrent-test", "report: expected JSON"],
    ["no object", "null", "report: expected an object, got null"],
    ["no latency", JSON.stringify({ ...REPORT, latencyMs: undefined }), "latencyMs: expected an object"],
    ["text for a number", JSON.stringify({ ...REPORT, throughput: "fast" }), "throughput: expected a number, got fast"],
  ])("with %s is refused with ERR_CLIENTS", (_label, text, message) => {
    expect(() => parseClientReport(text)).toThrow(
      expect.objectContaining({ code: "ERR_CLIENTS", message: expect.stringContaining(message) }),
    );
  });
});

describe("the table for the README", () => {
  const runs = [8000, 12_345.6, 10_000].map((throughput) => ({ ...REPORT, throughput }));

  test("shows medians of the runs as Markdown", () => {
    expect(formatClientsTable([clientsRow(10, "epoll", runs)]).split("\n")).toEqual([
      "| clients | backend | success rate | throughput (messages/s) | latency mean (ms) | latency p99 (ms) |",
      "|---:|---|---:|---:|---:|---:|",
      "| 10 | epoll | 100 % | 10,000 | 0.50 | 1.25 |",
    ]);
  });

  test("shows the worst success rate, never rounded up to 100 %", () => {
    const row = clientsRow(500, "poll", [...runs, { ...REPORT, successRate: 0.99999 }]);
    expect(formatClientsTable([row])).toContain("| 99.99 % |");
  });
});
