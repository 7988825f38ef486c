import type { Metric } from "./metrics.js";

/** What one round of one peer gave. */
export interface Sample extends Readonly<Record<Metric, number>> {
  /** Echoes, deliveries or connections, as the workload counts. */
  readonly messagesPerSecond: number;
  /** Microseconds of CPU time of the whole server process, all its threads, for each of them. */
  readonly cpuMicros: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly p999Micros: number;
  /** Memory of the server at the end of the measured period. */
  readonly residentBytes: number;
  /** What each of the last two thirds of the idle connections added to the memory of the server; 0 in a case without any. */
  readonly idleBytes: number;
  /** Share of the period in which the load generator ran or waited for a processor. */
  readonly generatorBusy: number;
}
