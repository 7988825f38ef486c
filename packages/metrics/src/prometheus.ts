import type { ServerStats } from "@p2pnet/connection";
import type { OpenMetricsContentType, PrometheusContentType, Registry } from "prom-client";
import { MetricsError } from "./errors.js";
import { Family } from "./family.js";
import { promClient } from "./prom-client.js";
import { SERVER_METRICS, type ServerMetric, type ServerStatsSource } from "./server-metrics.js";
import { type ShownMetrics, shownUntil } from "./shown-metrics.js";

export { MetricsError, type MetricsErrorCode } from "./errors.js";
export type { ServerStatsSource } from "./server-metrics.js";
export type { ShownMetrics } from "./shown-metrics.js";

export interface PrometheusMetricsOptions {
  /** Where they are shown. Default: the one that prom-client calls `register`. */
  readonly registry?: Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;
  /** What their names begin with. Default "p2pnet_server_". */
  readonly prefix?: string;
  /**
   * Given with each value, such as `{ listener: "tcp" }`, to tell several servers in one registry apart. Those that share a
   * prefix name the same labels; those that agree in their values, too, are added up.
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Shows what `server` counts in a registry of prom-client. It is asked for `stats()` once in a scrape, and never in between.
 * Importing this needs prom-client, and throws `ERR_PROM_CLIENT_MISSING` without it.
 *
 * @throws MetricsError `ERR_METRIC_EXISTS`, `ERR_INVALID_ARG_VALUE`
 */
export function prometheusMetrics(server: ServerStatsSource, options: PrometheusMetricsOptions = {}): ShownMetrics {
  const { registry = promClient.register, prefix = "p2pnet_server_", labels = {} } = options;
  expectNames(prefix, labels);
  const labelNames = Object.keys(labels);
  const families = SERVER_METRICS.map((metric) => Family.in(registry, nameOf(metric, prefix), metric, labelNames));
  const member = { labels: { ...labels }, stats: oncePerScrape(server) };
  for (const family of families) family.add(member);
  return shownUntil(() => {
    for (const family of families) family.delete(member);
  });
}

function nameOf({ name, kind }: ServerMetric, prefix: string): string {
  return `${prefix}${name}${kind === "counter" ? "_total" : ""}`;
}

/** A registry collects all its metrics in one go: they share what was read first. */
function oncePerScrape(server: ServerStatsSource): () => Promise<ServerStats> {
  let reading: Promise<ServerStats> | null = null;
  return () => {
    reading ??= Promise.resolve()
      .then(() => server.stats())
      .finally(() => {
        reading = null;
      });
    return reading;
  };
}

/** As in Prometheus's data model. @throws MetricsError `ERR_INVALID_ARG_VALUE` */
function expectNames(prefix: string, labels: object): void {
  if (!/^[a-zA-Z_:][\w:]*$/.test(prefix)) {
    throw new MetricsError("ERR_INVALID_ARG_VALUE", `prefix: expected the start of a metric's name, got "${prefix}"`);
  }
  const wrong = Object.keys(labels).find((name) => name === "code" || !/^(?!__)[a-zA-Z_]\w*$/.test(name));
  if (wrong === undefined) return;
  throw new MetricsError("ERR_INVALID_ARG_VALUE", `labels: expected a name for a label that is free, got "${wrong}"`);
}
