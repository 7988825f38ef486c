import type { Attributes, BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import { SERVER_METRICS, type ServerMetric, type ServerStatsSource, valuesOf } from "./server-metrics.js";
import { type ShownMetrics, shownUntil } from "./shown-metrics.js";

export type { ServerStatsSource } from "./server-metrics.js";
export type { ShownMetrics } from "./shown-metrics.js";

export interface OpenTelemetryMetricsOptions {
  /** What their names begin with. Default "p2pnet.server.". */
  readonly prefix?: string;
  /** Given with each value, such as `{ listener: "tcp" }`, to tell several servers of one meter apart. */
  readonly attributes?: Attributes;
}

/**
 * Shows what `server` counts as observable instruments of `meter`. It is asked for `stats()` once in a collection, and never
 * in between.
 */
export function openTelemetryMetrics(
  server: ServerStatsSource,
  meter: Meter,
  { prefix = "p2pnet.server.", attributes = {} }: OpenTelemetryMetricsOptions = {},
): ShownMetrics {
  const instruments = SERVER_METRICS.map((metric) => ({ metric, instrument: instrumentOf(metric, meter, prefix) }));
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const stats = await server.stats();
    for (const { metric, instrument } of instruments) {
      for (const [labels, value] of valuesOf(metric, stats)) {
        result.observe(instrument, value, { ...attributes, ...labels });
      }
    }
  };
  const observed = instruments.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, observed);
  return shownUntil(() => meter.removeBatchObservableCallback(observe, observed));
}

function instrumentOf({ name, kind, unit, help }: ServerMetric, meter: Meter, prefix: string): Observable {
  const options = { unit, description: help };
  if (kind === "counter") return meter.createObservableCounter(prefix + name, options);
  // What adds up is an UpDownCounter in OpenTelemetry's terms, and a gauge where it is exported to Prometheus.
  return meter.createObservableUpDownCounter(prefix + name, options);
}
