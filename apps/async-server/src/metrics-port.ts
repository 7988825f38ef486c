import type { ServerStatsSource } from "@p2pnet/metrics";
import type { ServerArguments } from "./arguments.js";
import type { MetricsServer } from "./metrics-server.js";

/**
 * Shows what `source` counts at `metricsPort`, if there is to be one, until it is disposed of.
 *
 * @throws MetricsPortError
 */
export async function openMetrics(
  source: ServerStatsSource,
  { host, metricsPort }: ServerArguments,
): Promise<MetricsServer | null> {
  if (metricsPort === undefined) return null;
  // Loaded only here, as few ask for it.
  const { serveMetrics } = await import("./metrics-server.js");
  return await serveMetrics(source, host, metricsPort);
}
