import { Interleaving } from "./interleaving.js";
import { Latency } from "./latency.js";
import type { Recording } from "./report/recording.js";

/** What all clients together have seen so far. Times are milliseconds of `performance.now()`. */
export class Measurements {
  sent = 0;
  /** Echoes that were what had been sent, in order; in a chat, messages that were heard so. */
  received = 0;
  /** Echoes of nothing. */
  unexpected = 0;
  readonly latency: Latency = new Latency();
  readonly interleaving: Interleaving = new Interleaving();
  /** Of what a report is made, if there is to be one. */
  readonly recording: Recording | null;
  #firstSentAt: number | null = null;
  #lastEchoAt: number | null = null;

  constructor(recording: Recording | null = null) {
    this.recording = recording;
  }

  messageSent(at: number): void {
    this.sent++;
    this.recording?.messageSent(at);
    this.#firstSentAt ??= at;
  }

  echoReceived(client: number, dueAt: number, at: number): void {
    this.messageReceived(client, dueAt, at);
    this.interleaving.arrived(client);
  }

  /** A message that was right. `dueAt` is when it should have been sent. */
  messageReceived(client: number, dueAt: number, at: number): void {
    this.received++;
    this.#lastEchoAt = at;
    this.latency.record(at - dueAt);
    this.recording?.messageReceived(client, dueAt, at);
  }

  /** From the first message to the last echo; 0 where none came. */
  get seconds(): number {
    return this.#firstSentAt === null || this.#lastEchoAt === null ? 0 : (this.#lastEchoAt - this.#firstSentAt) / 1000;
  }
}
