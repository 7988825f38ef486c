import { connectionsOf } from "../curve.js";
import type { CaseReport } from "../report.js";
import { svg } from "./svg.js";

/** CPU time of a message by the number of connections, a line for each way to wait; both axes grow by factors. */
export function curveChart(points: readonly CaseReport[]): string {
  const names = [...new Set(points.flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const line = (name: string): [number, number][] =>
    points.flatMap((point) => {
      const cpu = point.peers.find((peer) => peer.name === name)?.medians.cpuMicros;
      return cpu === undefined ? [] : [[connectionsOf(point), cpu] as [number, number]];
    });
  return svg(
    {
      title: { text: "Server CPU µs per message, ten busy connections beside idle ones", left: "center" },
      legend: { top: 30, itemGap: 24 },
      grid: { top: 80, left: 80, right: 40, bottom: 60 },
      xAxis: { type: "log", name: "connections", nameLocation: "middle", nameGap: 30, min: "dataMin", max: "dataMax" },
      yAxis: { type: "log", name: "µs" },
      series: names.map((name) => ({ type: "line" as const, name, data: line(name) })),
    },
    900,
    480,
  );
}
