import { exactly, type Finding } from "../finding.js";

/** What the server held at one moment, in bytes. */
export interface Sample {
  /** JavaScript's heap after a collection. */
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
}

/** How the run ended. */
export interface SoakEnd {
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
  readonly wrong: number;
  readonly uncaught: number;
}

/** Growth from the middle third to the last that still counts as flat. */
const MOST_GROWTH_PERCENT = { heap: 5, resident: 10 } as const;
const FEWEST_SAMPLES = 6;
const MIB = 1024 * 1024;

/**
 * Whether what the server holds has stopped to grow: the first third is left out, for it fills caches and compiles; the
 * median of the last third may be above that of the middle one by no more than some percent.
 *
 * @throws RangeError for fewer than 6 samples
 */
export function judgeFlatness(samples: readonly Sample[], end: SoakEnd): Finding[] {
  if (samples.length < FEWEST_SAMPLES) {
    throw new RangeError(`samples: expected at least ${FEWEST_SAMPLES}, got ${samples.length}`);
  }
  return [
    growth(
      "heap after collection",
      samples.map(({ heap }) => heap),
      MOST_GROWTH_PERCENT.heap,
    ),
    growth(
      "resident memory",
      samples.map(({ resident }) => resident),
      MOST_GROWTH_PERCENT.resident,
    ),
    exactly(
      "descriptors above those at the start, when all have left",
      0,
      end.descriptorsAfter - end.descriptorsBefore,
    ),
    exactly("wrong echoes", 0, end.wrong),
    exactly("uncaught exceptions", 0, end.uncaught),
  ];
}

function growth(what: string, values: readonly number[], mostPercent: number): Finding {
  const third = Math.floor(values.length / 3);
  const middle = median(values.slice(third, 2 * third));
  const last = median(values.slice(2 * third));
  const percent = (last / middle - 1) * 100;
  return {
    what: `${what}, last third against middle third`,
    bound: `≤ +${mostPercent} %`,
    measured: `${percent < 0 ? "" : "+"}${percent.toFixed(2)} % (${mib(middle)} → ${mib(last)} MiB)`,
    holds: percent <= mostPercent,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(2);
}
