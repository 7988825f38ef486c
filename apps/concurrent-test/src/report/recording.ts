import { Lanes } from "./lanes.js";
import { LatencySpread } from "./latency-spread.js";
import { Throughput } from "./throughput.js";

/** What a report draws, collected while the test runs, in memory that does not grow with the number of messages. */
export class Recording {
  readonly sent: Throughput = new Throughput();
  readonly received: Throughput = new Throughput();
  readonly latency: LatencySpread = new LatencySpread();
  readonly lanes: Lanes = new Lanes();
  #startedAt: number | null = null;

  /** Times are milliseconds of `performance.now()`. */
  messageSent(at: number): void {
    this.#startedAt ??= at;
    this.sent.record(at - this.#startedAt);
  }

  messageReceived(client: number, dueAt: number, at: number): void {
    this.#startedAt ??= dueAt;
    this.received.record(at - this.#startedAt);
    this.latency.record(at - dueAt);
    // The first one may have been due before it was sent, which is the start.
    this.lanes.record(client, Math.max(0, dueAt - this.#startedAt), at - this.#startedAt);
  }
}
