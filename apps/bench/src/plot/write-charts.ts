import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BASELINE } from "../baseline.js";
import { curveOf } from "../curve.js";
import type { Metric } from "../metrics.js";
import type { CaseReport } from "../report.js";
import { barChart } from "./bars.js";
import { curveChart } from "./curve-chart.js";

/**
 * Writes the charts that these cases are enough for, and returns their paths. They have C to compare with: cases with another
 * baseline are in none.
 */
export function writeCharts(folder: string, all: readonly CaseReport[]): string[] {
  const reports = all.filter(({ benchCase }) => benchCase.baseline === BASELINE);
  const curve = curveOf(reports);
  const loads = reports.filter((report) => !curve.includes(report) && tells(report, "messagesPerSecond"));
  const ratios = loads.filter(({ peers }) => peers.some(({ ratios }) => ratios !== null));
  const idle = reports.filter((report) => tells(report, "idleBytes"));
  const charts: [name: string, draw: () => string, drawn: boolean][] = [
    [
      "cpu",
      () =>
        barChart("Server CPU time per message, as a ratio to C", "cpuMicros", ratios, {
          asRatio: true,
          byFactors: true,
        }),
      ratios.length > 0,
    ],
    [
      "throughput",
      () => barChart("Messages, deliveries or connections per second", "messagesPerSecond", loads, { byFactors: true }),
      loads.length > 0,
    ],
    [
      "latency",
      () => barChart("Round trip, 99th percentile, µs", "p99Micros", loads, { byFactors: true }),
      loads.length > 0,
    ],
    ["idle", () => barChart("Bytes of memory for each idle connection", "idleBytes", idle), idle.length > 0],
    ["scale", () => curveChart(curve), curve.length > 1],
  ];
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (const [name, draw] of charts.filter(([, , drawn]) => drawn)) {
    const file = join(folder, `${name}.svg`);
    writeFileSync(file, draw());
    files.push(file);
  }
  return files;
}

function tells({ benchCase }: CaseReport, metric: Metric): boolean {
  return benchCase.metrics.includes(metric);
}
