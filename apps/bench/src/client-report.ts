import { BenchError } from "./errors.js";

/** The part of concurrent-test's `--json` report that the tables show. */
export interface ClientReport {
  readonly clients: number;
  readonly backend: string;
  /** From 0 to 1. */
  readonly successRate: number;
  /** Messages per second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly latencyMs: { readonly mean: number; readonly p99: number };
}

/** Checks the report and throws `ERR_CLIENTS` where it is not what concurrent-test promises. */
export function parseClientReport(text: string): ClientReport {
  const report = record("report", parseJson(text));
  const latency = record("latencyMs", report["latencyMs"]);
  return {
    clients: finite("clients", report["clients"]),
    backend: String(report["backend"]),
    successRate: finite("successRate", report["successRate"]),
    throughput: finite("throughput", report["throughput"]),
    latencyMs: { mean: finite("latencyMs.mean", latency["mean"]), p99: finite("latencyMs.p99", latency["p99"]) },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BenchError("ERR_CLIENTS", `report: expected JSON, got "${text.slice(0, 60)}"`);
  }
}

function record(label: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new BenchError("ERR_CLIENTS", `${label}: expected an object, got ${value}`);
}

function finite(label: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new BenchError("ERR_CLIENTS", `${label}: expected a number, got ${value}`);
}
