import type { Metric } from "../metrics.js";
import { BASELINE } from "../peers.js";
import type { CaseReport } from "../report.js";
import { svg } from "./svg.js";

/** Bars in groups: a group for each case, a bar for each server, its length the median of a metric. */
export function barChart(
  title: string,
  metric: Metric,
  reports: readonly CaseReport[],
  { asRatio = false }: { asRatio?: boolean } = {},
): string {
  const names = [...new Set(reports.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const shown = asRatio ? names.filter((name) => name !== BASELINE) : names;
  const value = (report: CaseReport, name: string): number | null => {
    const peer = report.peers.find((each) => each.name === name);
    return (asRatio ? peer?.ratios?.[metric]?.median : peer?.medians[metric]) ?? null;
  };
  const option = {
    title: { text: title, left: "center" },
    legend: { top: 30 },
    grid: { top: 90, left: 90, right: 30, bottom: 40 },
    xAxis: { type: "value" as const, axisLabel: { formatter: (at: number) => at.toLocaleString("en-US") } },
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
  return svg(option, 900, 130 + reports.length * (shown.length * 14 + 20));
}
