import Table from "cli-table3";
import { type BenchCase, describeCase } from "./cases.js";
import { BASELINE } from "./peers.js";
import type { Spread } from "./statistics.js";
import { METRICS, type Metric, type PeerSummary } from "./summary.js";

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

const TITLES: Record<Metric, string> = {
  messagesPerSecond: "messages/s",
  cpuMicros: "CPU µs/message",
  p50Micros: "p50 µs",
  p99Micros: "p99 µs",
  p999Micros: "p99.9 µs",
  residentBytes: "RSS MiB",
};

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Two tables: the figures themselves (medians of the rounds), and their ratios to the baseline. */
export function formatCase(report: CaseReport, rounds: number): string {
  const baseline = report.peers.find((peer) => peer.name === BASELINE);
  const lines = [describeCase(report.benchCase), figures(report.peers)];
  const others = report.peers.filter((peer) => peer !== baseline);
  if (baseline !== undefined && others.length > 0) {
    lines.push(`as a ratio to ${BASELINE}, round by round: median of ${rounds} (lower–upper quartile)`);
    lines.push(ratios(others, baseline));
  }
  if (report.peers.some((peer) => peer.generatorBound)) {
    lines.push("≥ and ≤: the load generator was the limit here, the server could have done more");
  }
  for (const { name, reason } of report.skipped) lines.push(`skipped: ${name} (${reason})`);
  return lines.join("\n");
}

function figures(peers: readonly PeerSummary[]): string {
  return table(
    "median",
    peers.map((peer) => [peer.name, ...METRICS.map((metric) => formatFigure(metric, peer))]),
  );
}

function ratios(peers: readonly PeerSummary[], baseline: PeerSummary): string {
  return table(
    "ratio",
    peers.map((peer) => [peer.name, ...METRICS.map((metric) => formatRatio(metric, peer, baseline))]),
  );
}

function table(corner: string, rows: string[][]): string {
  const result = new Table({
    head: [corner, ...METRICS.map((metric) => TITLES[metric])],
    colAligns: ["left", ...METRICS.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  result.push(...rows);
  return result.toString();
}

function formatFigure(metric: Metric, peer: PeerSummary): string {
  const value = peer.medians[metric];
  if (metric === "messagesPerSecond") return `${peer.generatorBound ? "≥ " : ""}${COUNT.format(value)}`;
  if (metric === "residentBytes") return (value / 1024 / 1024).toFixed(1);
  return value >= 100 ? COUNT.format(value) : value.toPrecision(3);
}

/**
 * Where the generator held one of the two back, its true messages/s are higher than measured, and so the ratio is only
 * a bound; where it held both back there is no ratio.
 */
function formatRatio(metric: Metric, peer: PeerSummary, baseline: PeerSummary): string {
  const ratio = formatSpread(peer.ratios[metric]);
  if (metric !== "messagesPerSecond") return ratio;
  if (peer.generatorBound && baseline.generatorBound) return "–";
  if (peer.generatorBound) return `≥ ${ratio}`;
  return baseline.generatorBound ? `≤ ${ratio}` : ratio;
}

export function formatSpread({ lower, median, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}
