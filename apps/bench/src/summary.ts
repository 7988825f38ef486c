import type { Sample } from "./measure.js";
import { median, ratiosPerRound, type Spread, spread } from "./statistics.js";

/** From this share on the load generator counts as the limit, not the server. */
const GENERATOR_LIMIT = 0.95;

/** The figures of a sample that are divided by the baseline's. */
export const METRICS = [
  "messagesPerSecond",
  "cpuMicros",
  "p50Micros",
  "p99Micros",
  "p999Micros",
  "residentBytes",
] as const;

export type Metric = (typeof METRICS)[number];

/** All rounds of one peer in one case. */
export interface PeerSummary {
  readonly name: string;
  readonly rounds: readonly Sample[];
  /** Medians of the rounds. */
  readonly medians: Readonly<Record<Metric, number>>;
  /** Ratios to the baseline, one for each round. */
  readonly ratios: Readonly<Record<Metric, Spread>>;
  /** True when the generator could not have sent faster: then messagesPerSecond says "at least". */
  readonly generatorBound: boolean;
}

export function summarize(name: string, rounds: readonly Sample[], baseline: readonly Sample[]): PeerSummary {
  const values = (samples: readonly Sample[], metric: Metric): number[] => samples.map((sample) => sample[metric]);
  return {
    name,
    rounds,
    medians: byMetric((metric) => median(values(rounds, metric))),
    ratios: byMetric((metric) => spread(ratiosPerRound(values(rounds, metric), values(baseline, metric)))),
    generatorBound: median(rounds.map((sample) => sample.generatorBusy)) >= GENERATOR_LIMIT,
  };
}

function byMetric<Value>(value: (metric: Metric) => Value): Record<Metric, Value> {
  return Object.fromEntries(METRICS.map((metric) => [metric, value(metric)])) as Record<Metric, Value>;
}
