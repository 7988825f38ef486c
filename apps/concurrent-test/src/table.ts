import Table from "cli-table3";
import type { TestResult } from "./result.js";

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** The result for people, without colours: it may end up in a file. */
export function formatTable(result: TestResult): string {
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ["left", "right"] });
  table.push(...resultRows(result));
  return table.toString();
}

/** What the table says, row by row. */
export function resultRows(result: TestResult): [name: string, value: string][] {
  const { latencyMs } = result;
  return [
    ["Clients", COUNT.format(result.clients)],
    ["Messages sent", COUNT.format(result.sent)],
    ["Messages received", COUNT.format(result.received)],
    ["Success rate", formatShare(result.successRate)],
    ["Total time", formatMs(result.seconds * 1000)],
    ["Throughput", `${COUNT.format(result.throughput)} messages/s`],
    ["Latency mean", formatMs(latencyMs.mean)],
    ["Latency p50", formatMs(latencyMs.p50)],
    ["Latency p90", formatMs(latencyMs.p90)],
    ["Latency p99", formatMs(latencyMs.p99)],
    ["Latency max", formatMs(latencyMs.max)],
    ["Clients interleaved", formatVerdict(result.interleaved)],
  ];
}

/** 100 % means all: whatever is less is never rounded up to it. */
export function formatShare(share: number): string {
  return share === 1 ? "100 %" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

export function formatMs(ms: number): string {
  return `${ms < 1 ? ms.toFixed(3) : ms.toFixed(2)} ms`;
}

function formatVerdict(interleaved: boolean | null): string {
  if (interleaved === null) return "n/a";
  return interleaved ? "yes" : "no";
}
