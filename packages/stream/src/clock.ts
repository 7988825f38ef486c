import { StreamError } from "./errors.js";

/** A source of time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
}

/** The machine's monotonic clock. */
export const systemClock: Clock = { now: () => performance.now() };

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;

  /** @param now where it starts, in milliseconds */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /**
   * Moves time forward by `ms` milliseconds.
   *
   * @throws StreamError `ERR_OUT_OF_RANGE` for a negative number, or none
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new StreamError("ERR_OUT_OF_RANGE", `ms: expected a number of at least 0, got ${ms}`);
    this.#now += ms;
  }
}
