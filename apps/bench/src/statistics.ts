/** The median and the quartiles around it. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/**
 * The value below which the given share (0 to 1) of the values lies, interpolated between neighbours
 * (type 7 of Hyndman and Fan, 1996: the default of R and NumPy).
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("values: expected at least one, got none");
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spread(values: readonly number[]): Spread {
  return { lower: quantile(values, 0.25), median: median(values), upper: quantile(values, 0.75) };
}

/**
 * Divides each round's value by the baseline's value of the same round. What slowed one round down (another program, a
 * hotter processor) slowed both, and so cancels out; it would not in a ratio of two medians.
 */
export function ratiosPerRound(values: readonly number[], baseline: readonly number[]): number[] {
  if (values.length !== baseline.length) {
    throw new RangeError(`rounds: expected ${baseline.length} values, got ${values.length}`);
  }
  return values.map((value, round) => value / baseline[round]!);
}
