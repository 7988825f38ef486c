import type { Metric } from "./metrics.js";
import type { Sample } from "./sample.js";
import { median, ratiosPerRound, type Spread, spread } from "./statistics.js";

/** From this share on the load generator counts as the limit, not the server. */
const GENERATOR_LIMIT = 0.95;

/** All rounds of one peer in one case. */
export interface PeerSummary {
  readonly name: string;
  readonly rounds: readonly Sample[];
  /** Medians of the rounds, of the metrics of the case. */
  readonly medians: Figures<number>;
  /** Ratios to the baseline, one for each round; null where the baseline did not run. */
  readonly ratios: Figures<Spread> | null;
  /** True when the generator could not have sent faster: then messagesPerSecond says "at least". */
  readonly generatorBound: boolean;
}

type Figures<Value> = Readonly<Partial<Record<Metric, Value>>>;

export function summarize(
  name: string,
  metrics: readonly Metric[],
  rounds: readonly Sample[],
  baseline: readonly Sample[] | undefined,
): PeerSummary {
  const values = (samples: readonly Sample[], metric: Metric): number[] => samples.map((sample) => sample[metric]);
  const figures = <Value>(value: (metric: Metric) => Value): Figures<Value> =>
    Object.fromEntries(metrics.map((metric) => [metric, value(metric)]));
  return {
    name,
    rounds,
    medians: figures((metric) => median(values(rounds, metric))),
    ratios:
      baseline === undefined
        ? null
        : figures((metric) => spread(ratiosPerRound(values(rounds, metric), values(baseline, metric)))),
    generatorBound: median(rounds.map((sample) => sample.generatorBusy)) >= GENERATOR_LIMIT,
  };
}
