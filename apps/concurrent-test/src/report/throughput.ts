/** More would be finer than a chart can show. */
const MAX_STEPS = 120;

/** How many messages passed in each step of the time. Steps begin at 1 ms and double when there are too many of them. */
export class Throughput {
  /** Milliseconds that a step lasts. */
  stepMs = 1;
  #counts: number[] = [];

  /** @param at milliseconds since the start */
  record(at: number): void {
    let step = Math.max(0, Math.floor(at / this.stepMs));
    while (step >= MAX_STEPS) {
      this.#double();
      step = Math.floor(at / this.stepMs);
    }
    while (this.#counts.length <= step) this.#counts.push(0);
    this.#counts[step]!++;
  }

  /** Messages a second in each step, with the time in milliseconds at which the step begins. */
  rates(): [at: number, perSecond: number][] {
    return this.#counts.map((count, step) => [step * this.stepMs, (count * 1000) / this.stepMs]);
  }

  #double(): void {
    const halves = this.#counts;
    this.#counts = [];
    for (let at = 0; at < halves.length; at += 2) this.#counts.push(halves[at]! + (halves[at + 1] ?? 0));
    this.stepMs *= 2;
  }
}
