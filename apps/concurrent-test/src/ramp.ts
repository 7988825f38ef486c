import { setTimeout } from "node:timers/promises";

/** When each of the clients comes, from 1 to `clients`, spread over `rampMs` from `begin` on. */
export class Ramp {
  readonly #begin: number;
  readonly #stepMs: number;

  constructor(begin: number, rampMs: number, clients: number) {
    this.#begin = begin;
    this.#stepMs = rampMs / clients;
  }

  /** A time of `performance.now()`. */
  timeOf(client: number): number {
    return this.#begin + (client - 1) * this.#stepMs;
  }

  /** @throws AbortError */
  async wait(client: number, signal: AbortSignal): Promise<void> {
    const left = this.timeOf(client) - performance.now();
    if (left > 0) await setTimeout(left, undefined, { signal });
  }
}
