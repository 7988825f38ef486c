import type { Timer, Timers } from "@p2pnet/event-loop";

/** How a client sends. */
export interface SendingPlan {
  /** Messages of the client. */
  readonly messages: number;
  /** Those that may be under way at once. */
  readonly depth: number;
  /** Milliseconds between two of them. */
  readonly delay: number;
}

/** What the sending of messages needs of the client. */
export interface SendingClient {
  /** Messages that were sent and not answered yet. */
  readonly underWay: number;
  /** Sends a message, counted from 1. Whether the connection has room for more; if not, `drained` tells. */
  send(message: number): boolean;
}

/** Sends the messages of a client one after the other, as fast as its plan and the connection let it. */
export class Sending {
  sent = 0;
  readonly #plan: SendingPlan;
  readonly #client: SendingClient;
  readonly #nextMessage: Timer;
  #blocked = false;
  #advancing = false;
  #stopped = false;

  constructor(plan: SendingPlan, client: SendingClient, timers: Timers) {
    this.#plan = plan;
    this.#client = client;
    this.#nextMessage = timers.set(0, () => this.advance());
    this.#nextMessage.cancel();
  }

  /** Sends what may be sent now. */
  advance(): void {
    const { messages, depth, delay } = this.#plan;
    while (!this.#stopped && this.sent < messages && this.#client.underWay < depth) {
      if (this.#blocked || this.#nextMessage.pending) return;
      this.#blocked = !this.#client.send(++this.sent);
      if (delay > 0) this.#nextMessage.refresh(delay);
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
