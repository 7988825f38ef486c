import { MAX_TIMEOUT_MS } from "@p2pnet/connection";
import type { Timer, Timers } from "@p2pnet/event-loop";

/** How a client sends. Times are in milliseconds. */
export interface SendingPlan {
  /** Messages of the client; without a bound, until the test is over. */
  readonly messages: number;
  /** Those that may be under way at once. */
  readonly depth: number;
  /** From sending one to sending the next. */
  readonly delay: number;
  /** From when one is due to when the next is, whatever became of it; null: whenever `depth` and `delay` let it. */
  readonly interval: number | null;
}

/** What the sending of messages needs of the client. */
export interface SendingClient {
  /** Messages that were sent and not answered yet. */
  readonly underWay: number;
  /**
   * Sends a message, counted from 1, which should have been sent at `dueAt`. Whether the connection has room for more; if
   * not, `drained` tells.
   */
  send(message: number, dueAt: number): boolean;
  /** All were sent, and all were answered. */
  complete(): void;
}

/** Sends the messages of a client one after the other, as fast as its plan and the connection let it. */
export class Sending {
  sent = 0;
  readonly #plan: SendingPlan;
  readonly #client: SendingClient;
  readonly #nextMessage: Timer;
  #dueAt = 0;
  #endsAt = Number.POSITIVE_INFINITY;
  #blocked = false;
  #advancing = false;
  #stopped = false;

  constructor(plan: SendingPlan, client: SendingClient, timers: Timers) {
    this.#plan = plan;
    this.#client = client;
    this.#nextMessage = timers.set(0, () => this.advance());
    this.#nextMessage.cancel();
  }

  /** The first message is due at `firstAt`, and none from `endsAt` on: times of `performance.now()`. */
  start(firstAt: number, endsAt: number): void {
    this.#dueAt = firstAt;
    this.#endsAt = endsAt;
    this.advance();
  }

  /** Sends what may be sent now. */
  advance(): void {
    const { messages, depth, delay, interval } = this.#plan;
    while (!this.#stopped) {
      const now = performance.now();
      // Where it is due at a fixed time, being late is what the test is to find out.
      const dueAt = interval === null ? Math.max(now, this.#dueAt) : this.#dueAt;
      if (this.sent === messages || dueAt >= this.#endsAt) {
        if (this.#client.underWay === 0) this.#client.complete();
        return;
      }
      if (this.#blocked || this.#client.underWay >= depth) return;
      if (dueAt > now) return this.#nextMessage.refresh(Math.min(dueAt - now, MAX_TIMEOUT_MS));
      this.#dueAt = dueAt + (interval ?? delay);
      this.#blocked = !this.#client.send(++this.sent, dueAt);
    }
  }

  /** Not at once: what else came in the same chunk cannot be the answer to a message that has not left yet. */
  advanceSoon(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    queueMicrotask(() => {
      this.#advancing = false;
      this.advance();
    });
  }

  /** The connection has room again. */
  drained(): void {
    this.#blocked = false;
    this.advance();
  }

  stop(): void {
    this.#stopped = true;
    this.#nextMessage.cancel();
  }
}
