import type { Workload } from "./workload.js";

/** The figures of a run. */
export type Metric =
  | "messagesPerSecond"
  | "cpuMicros"
  | "p50Micros"
  | "p99Micros"
  | "p999Micros"
  | "residentBytes"
  | "idleBytes";

/** Those that every load gives. */
export const LOAD_METRICS: readonly Metric[] = [
  "messagesPerSecond",
  "cpuMicros",
  "p50Micros",
  "p99Micros",
  "p999Micros",
  "residentBytes",
];

/** What a workload counts. */
const COUNTED: Record<Workload, string> = { echo: "message", broadcast: "delivery", churn: "connection" };
const COUNTED_MANY: Record<Workload, string> = { echo: "messages", broadcast: "deliveries", churn: "connections" };

export function metricTitle(metric: Metric, workload: Workload): string {
  const titles: Record<Metric, string> = {
    messagesPerSecond: `${COUNTED_MANY[workload]}/s`,
    cpuMicros: `CPU µs/${COUNTED[workload]}`,
    p50Micros: "p50 µs",
    p99Micros: "p99 µs",
    p999Micros: "p99.9 µs",
    residentBytes: "RSS MiB",
    idleBytes: "bytes/idle connection",
  };
  return titles[metric];
}
