import Table from "cli-table3";
import { SCALE } from "./cases.js";
import { type CaseReport, formatFigure } from "./report.js";

/** The cases that differ only in their idle connections, in the order of their size. */
export function curveOf(reports: readonly CaseReport[]): CaseReport[] {
  return reports.filter(({ benchCase }) => benchCase.name.startsWith(`${SCALE}-`));
}

export function connectionsOf({ benchCase }: CaseReport): number {
  return benchCase.connections + benchCase.idle;
}

/**
 * What a message costs by the number of connections, a row for each way to wait. The last column is the cost at the most
 * connections divided by that at the fewest: about 1 where idle ones are free.
 */
export function formatCurve(reports: readonly CaseReport[]): string {
  const points = curveOf(reports);
  const names = new Set(points.flatMap(({ peers }) => peers.map(({ name }) => name)));
  const result = new Table({
    head: ["CPU µs/message at connections", ...points.map((point) => String(connectionsOf(point))), "last/first"],
    colAligns: ["left", ...points.map(() => "right" as const), "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const name of names) {
    const cells = points.map(({ peers }) => {
      const peer = peers.find((each) => each.name === name);
      return peer === undefined ? "–" : formatFigure("cpuMicros", peer);
    });
    result.push([name, ...cells, growthOf(name, points)]);
  }
  return result.toString();
}

/** Of a server that could not take part in both, there is nothing to tell. */
function growthOf(name: string, points: readonly CaseReport[]): string {
  const [first, last] = [points[0], points.at(-1)].map(
    (point) => point?.peers.find((peer) => peer.name === name)?.medians.cpuMicros,
  );
  return first === undefined || last === undefined || points.length < 2 ? "–" : (last / first).toFixed(2);
}
