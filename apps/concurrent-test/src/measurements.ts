import { Interleaving } from "./interleaving.js";
import { Latency } from "./latency.js";

/** What all clients together have seen so far. Times are milliseconds of `performance.now()`. */
export class Measurements {
  sent = 0;
  /** Echoes that were what had been sent, in order. */
  received = 0;
  /** Echoes of nothing. */
  unexpected = 0;
  readonly latency: Latency = new Latency();
  readonly interleaving: Interleaving = new Interleaving();
  #firstSentAt: number | null = null;
  #lastEchoAt: number | null = null;

  messageSent(at: number): void {
    this.sent++;
    this.#firstSentAt ??= at;
  }

  echoReceived(client: number, sentAt: number, at: number): void {
    this.received++;
    this.#lastEchoAt = at;
    this.latency.record(at - sentAt);
    this.interleaving.arrived(client);
  }

  /** From the first message to the last echo; 0 where none came. */
  get seconds(): number {
    return this.#firstSentAt === null || this.#lastEchoAt === null ? 0 : (this.#lastEchoAt - this.#firstSentAt) / 1000;
  }
}
