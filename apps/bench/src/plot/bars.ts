import { BASELINE } from "../baseline.js";
import type { Metric } from "../metrics.js";
import type { CaseReport } from "../report.js";
import { svg } from "./svg.js";

export interface BarOptions {
  /** The ratio to the baseline in place of the figure. */
  readonly asRatio?: boolean;
  /** Each step of the axis is a factor: for figures that lie far apart, and are never 0. */
  readonly byFactors?: boolean;
}

/** Bars in groups: a group for each case, a bar for each server, its length the median of a metric. */
export function barChart(
  title: string,
  metric: Metric,
  reports: readonly CaseReport[],
  { asRatio = false, byFactors = false }: BarOptions = {},
): string {
  const names = [...new Set(reports.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const shown = asRatio ? names.filter((name) => name !== BASELINE) : names;
  const value = (report: CaseReport, name: string): number | null => {
    const peer = report.peers.find((each) => each.name === name);
    return (asRatio ? peer?.ratios?.[metric]?.median : peer?.medians[metric]) ?? null;
  };
  const option = {
    title: { text: title, left: "center" },
    legend: { top: 30, itemGap: 24 },
    grid: { top: 110, left: 90, right: 30, bottom: 40 },
    xAxis: {
      // An axis by factors has no 0 to begin at: it begins at the power of two below the least bar.
      ...(byFactors
        ? { type: "log" as const, logBase: 2, min: ({ min }: { min: number }) => 2 ** Math.floor(Math.log2(min)) }
        : { type: "value" as const }),
      axisLabel: { formatter: (at: number) => at.toLocaleString("en-US") },
    },
    yAxis: { type: "category" as const, inverse: true, data: reports.map(({ benchCase }) => benchCase.name) },
    series: shown.map((name, index) => ({
      type: "bar" as const,
      name,
      data: reports.map((report) => value(report, name)),
      // C is 1 by definition: a line, where the others are bars.
      ...(asRatio && index === 0
        ? {
            markLine: {
              symbol: "none",
              data: [{ xAxis: 1 }],
              label: { formatter: BASELINE },
              lineStyle: { color: "#000" },
            },
          }
        : {}),
    })),
  };
  return svg(option, 900, 150 + reports.length * (shown.length * 14 + 20));
}
