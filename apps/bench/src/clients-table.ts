import type { ClientReport } from "./client-report.js";
import { median } from "./statistics.js";

/** One row: several runs with the same number of clients on the same backend. */
export interface ClientsRow {
  readonly clients: number;
  readonly backend: string;
  /** The worst of the runs, 0 to 1. */
  readonly successRate: number;
  /** Medians of the runs. */
  readonly throughput: number;
  readonly meanMs: number;
  readonly p99Ms: number;
}

export function clientsRow(clients: number, backend: string, runs: readonly ClientReport[]): ClientsRow {
  return {
    clients,
    backend,
    successRate: Math.min(...runs.map((run) => run.successRate)),
    throughput: median(runs.map((run) => run.throughput)),
    meanMs: median(runs.map((run) => run.latencyMs.mean)),
    p99Ms: median(runs.map((run) => run.latencyMs.p99)),
  };
}

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A Markdown table for the README. */
export function formatClientsTable(rows: readonly ClientsRow[]): string {
  return [
    "| clients | backend | success rate | throughput (messages/s) | latency mean (ms) | latency p99 (ms) |",
    "|---:|---|---:|---:|---:|---:|",
    ...rows.map(
      (row) =>
        `| ${row.clients} | ${row.backend} | ${formatShare(row.successRate)} | ${COUNT.format(row.throughput)} ` +
        `| ${row.meanMs.toFixed(2)} | ${row.p99Ms.toFixed(2)} |`,
    ),
  ].join("\n");
}

/** 100 % means all: whatever is less is never rounded up to it. */
function formatShare(share: number): string {
  return share === 1 ? "100 %" : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}
