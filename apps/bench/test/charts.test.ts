import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type BenchCase, chooseCases } from "../src/cases.js";
import { formatCurve } from "../src/curve.js";
import { writeCharts } from "../src/plot/write-charts.js";
import type { CaseReport } from "../src/report.js";
import type { Sample } from "../src/sample.js";
import { summarize } from "../src/summary.js";

function reportOf(benchCase: BenchCase, cpuMicros: number): CaseReport {
  const figures = {
    messagesPerSecond: 1000,
    p50Micros: 1,
    p99Micros: 2,
    p999Micros: 3,
    residentBytes: 1e6,
    idleBytes: 700,
  };
  const c: Sample = { ...figures, cpuMicros: 2, generatorBusy: 0.5 };
  const samples = new Map([
    ["c-epoll", [c]],
    ["p2pnet-poll", [{ ...c, cpuMicros }]],
  ]);
  const peers = [...samples].map(([name, own]) => summarize(name, benchCase.metrics, own, [c]));
  return { benchCase, peers, skipped: [] };
}

test("--case scale is the whole curve, in the order of its size, up to 15,000 connections", () => {
  const sizes = chooseCases(["scale"]).map(({ connections, idle }) => connections + idle);
  expect(sizes).toEqual([10, 1000, 5000, 10_000, 15_000]);
});

test("the curve is a row for each way to wait", () => {
  const row = formatCurve(chooseCases(["scale"]).map((each, i) => reportOf(each, 10 ** i)))
    .split("\n")
    .find((line) => line.includes("p2pnet-poll"));
  expect(row?.split("│").map((cell) => cell.trim())).toEqual([
    "",
    "p2pnet-poll",
    "1.00",
    "10.0",
    "100",
    "1,000",
    "10,000",
    "10000.00",
    "",
  ]);
});

test("the curve ends with how much dearer a message has become, if a server took part at both ends", () => {
  const [first, ...others] = chooseCases(["scale"]).map((each) => reportOf(each, 3));
  const withoutPoll = { ...first!, peers: first!.peers.filter(({ name }) => name === "c-epoll") };
  const lines = formatCurve([withoutPoll, ...others]).split("\n");
  const lastCell = (name: string): string | undefined =>
    lines
      .find((line) => line.includes(name))
      ?.split("│")
      .at(-2)
      ?.trim();
  expect([lastCell("CPU"), lastCell("c-epoll"), lastCell("p2pnet-poll")]).toEqual(["last/first", "1.00", "–"]);
});

test("every case has its place in a chart: SVG with the names of servers and cases", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = writeCharts(
    folder,
    chooseCases(undefined).map((each) => reportOf(each, 3)),
  );
  expect(files.map((file) => file.slice(folder.length + 1))).toEqual([
    "cpu.svg",
    "throughput.svg",
    "latency.svg",
    "idle.svg",
    "scale.svg",
  ]);
  const texts = files.map((file) => readFileSync(file, "utf8"));
  for (const text of texts) {
    expect(text).toMatch(/^<svg /);
    expect(text).toContain("p2pnet-poll");
  }
  expect(texts[0]).toContain("pipelined");
  expect(texts[0]).not.toContain("scale-");
});
