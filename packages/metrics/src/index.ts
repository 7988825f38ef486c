export { MetricsError, type MetricsErrorCode } from "./errors.js";
export { SERVER_METRICS, type ServerMetric, type ServerStatsSource } from "./server-metrics.js";
export type { ShownMetrics } from "./shown-metrics.js";
