import Table from "cli-table3";
import { type BenchCase, describeCase } from "./cases.js";
import { type Metric, metricTitle } from "./metrics.js";
import type { Spread } from "./statistics.js";
import type { PeerSummary } from "./summary.js";

/** One case with everybody who took part in it, and everybody who did not. */
export interface CaseReport {
  readonly benchCase: BenchCase;
  readonly peers: readonly PeerSummary[];
  readonly skipped: readonly SkippedPeer[];
}

export interface SkippedPeer {
  readonly name: string;
  readonly reason: string;
}

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Two tables: the figures themselves (medians of the rounds), and their ratios to the baseline. */
export function formatCase({ benchCase, peers, skipped }: CaseReport, rounds: number): string {
  const baseline = peers.find((peer) => peer.name === benchCase.baseline);
  const others = peers.filter((peer) => peer !== baseline);
  const lines = [describeCase(benchCase)];
  if (peers.length > 0) lines.push(table("median", benchCase, peers, formatFigure));
  if (baseline !== undefined && others.length > 0) {
    lines.push(`as a ratio to ${benchCase.baseline}, round by round: median of ${rounds} (lower–upper quartile)`);
    lines.push(table("ratio", benchCase, others, (metric, peer) => formatRatio(metric, peer, baseline)));
  }
  if (benchCase.metrics.includes("messagesPerSecond") && peers.some((peer) => peer.generatorBound)) {
    lines.push("≥ and ≤: the load generator was the limit here, the server could have done more");
  }
  for (const { name, reason } of skipped) lines.push(`skipped: ${name} (${reason})`);
  return lines.join("\n");
}

function table(
  corner: string,
  { metrics, workload }: BenchCase,
  peers: readonly PeerSummary[],
  cell: (metric: Metric, peer: PeerSummary) => string,
): string {
  const result = new Table({
    head: [corner, ...metrics.map((metric) => metricTitle(metric, workload))],
    colAligns: ["left", ...metrics.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  result.push(...peers.map((peer) => [peer.name, ...metrics.map((metric) => cell(metric, peer))]));
  return result.toString();
}

export function formatFigure(metric: Metric, peer: PeerSummary): string {
  const value = peer.medians[metric]!;
  if (metric === "messagesPerSecond") return `${peer.generatorBound ? "≥ " : ""}${COUNT.format(value)}`;
  if (metric === "residentBytes") return (value / 1024 / 1024).toFixed(1);
  return value >= 100 || value <= 0 ? COUNT.format(value) : value.toPrecision(3);
}

/**
 * Where the generator held one of the two back, its true messages/s are higher than measured, and so the ratio is only
 * a bound; where it held both back there is no ratio.
 */
function formatRatio(metric: Metric, peer: PeerSummary, baseline: PeerSummary): string {
  const ratio = formatSpread(peer.ratios![metric]!);
  if (metric !== "messagesPerSecond") return ratio;
  if (peer.generatorBound && baseline.generatorBound) return "–";
  if (peer.generatorBound) return `≥ ${ratio}`;
  return baseline.generatorBound ? `≤ ${ratio}` : ratio;
}

export function formatSpread({ lower, median, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}
