import type { MessageConnection } from "@p2pnet/connection";
import type { Timer, Timers } from "@p2pnet/event-loop";
import { findDifference } from "./echo-check.js";
import { type ClientFailure, clientFailure, type EchoFailureCode } from "./failures.js";
import type { Measurements } from "./measurements.js";
import type { Payloads } from "./payloads.js";

/** What every client of a test does. Times are in milliseconds. */
export interface ClientPlan {
  readonly messages: number;
  readonly depth: number;
  readonly delay: number;
  readonly timeout: number;
  readonly payloads: Payloads;
}

interface InFlight {
  readonly payload: Uint8Array;
  readonly sentAt: number;
}

/** One connected client: sends its messages, checks every echo, leaves. */
export class EchoClient {
  /** Resolves when the client has left: null, or why it failed. */
  readonly left: Promise<ClientFailure | null>;
  readonly #number: number;
  readonly #connection: MessageConnection;
  readonly #plan: ClientPlan;
  readonly #measurements: Measurements;
  readonly #deadline: Timer;
  readonly #nextMessage: Timer;
  #inFlight: InFlight[] = [];
  #sent = 0;
  #received = 0;
  #blocked = false;
  #advancing = false;
  #finished = false;
  #failure: ClientFailure | null = null;

  constructor(
    number: number,
    connection: MessageConnection,
    plan: ClientPlan,
    measurements: Measurements,
    timers: Timers,
  ) {
    this.#number = number;
    this.#connection = connection;
    this.#plan = plan;
    this.#measurements = measurements;
    this.#deadline = timers.set(plan.timeout, () => this.#checkDeadline());
    this.#deadline.cancel();
    this.#nextMessage = timers.set(0, () => this.#advance());
    this.#nextMessage.cancel();
    connection.onDrain = () => {
      this.#blocked = false;
      this.#advance();
    };
    this.left = new Promise((resolve) => {
      connection.onClose = (error) => {
        this.#closed(error);
        resolve(this.#failure);
      };
    });
  }

  /** Sends the first message. */
  start(): void {
    this.#connection.onMessage = (echo) => this.#echoed(echo);
    this.#advance();
  }

  /** Gives up, without a failure of its own. */
  abort(): void {
    this.#finish();
    this.#connection.abort();
  }

  #echoed(echo: Uint8Array): void {
    const now = performance.now();
    const message = this.#inFlight.shift();
    if (message === undefined) {
      this.#measurements.unexpected++;
      return this.#fail("ERR_ECHO_UNEXPECTED", `expected no echo without a message, got one of ${echo.length} bytes`);
    }
    const difference = findDifference(message.payload, echo);
    if (difference !== null) return this.#fail("ERR_ECHO_MISMATCH", `echo ${this.#received + 1}: ${difference}`);
    this.#received++;
    this.#measurements.echoReceived(this.#number, message.sentAt, now);
    this.#advanceSoon();
  }

  /** Not at once: what else came in the same chunk cannot be the echo of a message that has not left yet. */
  #advanceSoon(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    queueMicrotask(() => {
      this.#advancing = false;
      this.#advance();
    });
  }

  #advance(): void {
    if (this.#finished || !this.#connection.open) return;
    const { messages, depth, delay } = this.#plan;
    if (this.#received === messages) {
      this.#finish();
      void this.#connection.close();
      return;
    }
    while (this.#sent < messages && this.#inFlight.length < depth && !this.#blocked && !this.#nextMessage.pending) {
      this.#send();
      if (delay > 0) this.#nextMessage.refresh(delay);
    }
  }

  #send(): void {
    const payload = this.#plan.payloads(this.#number, ++this.#sent);
    const sentAt = performance.now();
    this.#inFlight.push({ payload, sentAt });
    if (!this.#deadline.pending) this.#deadline.refresh(this.#plan.timeout);
    this.#measurements.messageSent(sentAt);
    this.#blocked = !this.#connection.send(payload);
  }

  /** One timer for all messages: it comes for the oldest, and moves on if that one was answered meanwhile. */
  #checkDeadline(): void {
    const oldest = this.#inFlight[0];
    if (oldest === undefined) return;
    const left = oldest.sentAt + this.#plan.timeout - performance.now();
    if (left > 0) return this.#deadline.refresh(left);
    const expected = `expected it within ${this.#plan.timeout} ms`;
    this.#fail("ERR_ECHO_TIMEOUT", `echo ${this.#received + 1}: ${expected}, got nothing`);
  }

  #closed(error: Error | undefined): void {
    if (this.#finished) return;
    if (error === undefined) {
      const got = `the end of the connection after ${this.#received}`;
      this.#fail("ERR_ECHO_MISSING", `echoes: expected ${this.#plan.messages}, got ${got}`);
    } else {
      this.#failure = clientFailure(this.#number, error);
      this.#finish();
    }
  }

  #fail(code: EchoFailureCode, message: string): void {
    this.#failure = { client: this.#number, code, message };
    this.#finish();
    this.#connection.abort();
  }

  #finish(): void {
    this.#finished = true;
    this.#deadline.cancel();
    this.#nextMessage.cancel();
  }
}
