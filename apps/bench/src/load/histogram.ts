/** As c/load/histogram.h: each power of two of nanoseconds in 128 equal buckets; what is read back is off by less than 1 %. */
const SUB_BUCKETS = 128;

export class Histogram {
  total = 0;
  readonly #counts = new Map<number, number>();

  add(nanoseconds: number): void {
    const shift = Math.max(0, Math.floor(Math.log2(Math.max(1, nanoseconds))) - 7);
    const bucket = shift * SUB_BUCKETS + Math.floor(nanoseconds / 2 ** shift);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.total++;
  }

  /** The middle of the bucket that holds the given share (0 to 1) of all durations, in nanoseconds. */
  percentile(share: number): number {
    let seen = 0;
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen < share * this.total) continue;
      if (bucket < SUB_BUCKETS) return bucket;
      const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
      return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 0.5) * 2 ** shift;
    }
    return 0;
  }
}
