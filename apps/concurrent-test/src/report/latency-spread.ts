/** Steps for each factor of ten: each is 12 % wide. */
const STEPS = 20;

/** A step of latencies, and how many were in it. */
export interface LatencyStep {
  /** Milliseconds: from here on, and below that. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts latencies in steps that grow with them, so that microseconds and seconds fit into one chart. */
export class LatencySpread {
  count = 0;
  readonly #counts = new Map<number, number>();

  record(ms: number): void {
    const step = Math.floor(Math.log10(Math.max(ms, 0.001)) * STEPS);
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    this.count++;
  }

  /** All steps from the least latency to the greatest, the empty ones between them too. */
  steps(): LatencyStep[] {
    if (this.count === 0) return [];
    const least = Math.min(...this.#counts.keys());
    const greatest = Math.max(...this.#counts.keys());
    return Array.from({ length: greatest - least + 1 }, (_, index) => {
      const step = least + index;
      return { from: 10 ** (step / STEPS), to: 10 ** ((step + 1) / STEPS), count: this.#counts.get(step) ?? 0 };
    });
  }

  /**
   * The latency that so many were below, for shares that approach 1: 0.5, 0.75, ... A latency is known by its step, and
   * given as that step's upper end.
   */
  percentiles(): [share: number, ms: number][] {
    const points: [share: number, ms: number][] = [];
    let below = 0;
    for (const { to, count } of this.steps()) {
      if (count === 0) continue;
      below += count;
      points.push([below / this.count, to]);
    }
    return points;
  }
}
