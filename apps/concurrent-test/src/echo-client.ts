import type { MessageConnection } from "@p2pnet/connection";
import type { Timer, Timers } from "@p2pnet/event-loop";
import { findDifference } from "./echo-check.js";
import { type ClientFailure, clientFailure, type EchoFailureCode } from "./failures.js";
import type { Measurements } from "./measurements.js";
import { Sending, type SendingClient } from "./sending.js";
import type { ClientPlan, TestClient } from "./test-client.js";

interface InFlight {
  readonly payload: Uint8Array;
  readonly sentAt: number;
  /** When it should have been sent. */
  readonly dueAt: number;
}

/** One connected client: sends its messages, checks every echo, leaves. */
export class EchoClient implements TestClient, SendingClient {
  readonly left: Promise<ClientFailure | null>;
  readonly #number: number;
  readonly #connection: MessageConnection;
  readonly #plan: ClientPlan;
  readonly #measurements: Measurements;
  readonly #deadline: Timer;
  readonly #sending: Sending;
  #inFlight: InFlight[] = [];
  #received = 0;
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
    this.#sending = new Sending(plan, this, timers);
    connection.onDrain = () => this.#sending.drained();
    this.left = new Promise((resolve) => {
      connection.onClose = (error) => {
        this.#closed(error);
        resolve(this.#failure);
      };
    });
  }

  get underWay(): number {
    return this.#inFlight.length;
  }

  start(firstAt: number, endsAt: number): void {
    this.#connection.onMessage = (echo) => this.#echoed(echo);
    this.#sending.start(firstAt, endsAt);
  }

  abort(): void {
    this.#finish();
    this.#connection.abort();
  }

  send(message: number, dueAt: number): boolean {
    const payload = this.#plan.payloads(this.#number, message);
    const sentAt = performance.now();
    this.#inFlight.push({ payload, sentAt, dueAt });
    if (!this.#deadline.pending) this.#deadline.refresh(this.#plan.timeout);
    this.#measurements.messageSent(sentAt);
    return this.#connection.send(payload);
  }

  complete(): void {
    this.#finish();
    void this.#connection.close();
  }

  #echoed(echo: Uint8Array): void {
    const now = performance.now();
    const message = this.#inFlight.shift();
    if (message === undefined) {
      this.#measurements.unexpected++;
      const got = this.#saidByAnother(echo) ?? `one of ${echo.length} bytes`;
      return this.#fail("ERR_ECHO_UNEXPECTED", `expected no echo without a message, got ${got}`);
    }
    const difference = findDifference(message.payload, echo);
    if (difference !== null) {
      const another = this.#saidByAnother(echo);
      const why = another === null ? difference : `expected what was sent, got ${another}`;
      return this.#fail("ERR_ECHO_MISMATCH", `echo ${this.#received + 1}: ${why}`);
    }
    this.#received++;
    this.#measurements.echoReceived(this.#number, message.dueAt, now);
    this.#sending.advanceSoon();
  }

  /** Names a message of another client, which an echo server would not send here. */
  #saidByAnother(message: Uint8Array): string | null {
    const origin = this.#plan.recognize(message);
    if (origin === null || origin.client === this.#number) return null;
    if (findDifference(this.#plan.payloads(origin.client, origin.message), message) !== null) return null;
    return `message ${origin.message} of client ${origin.client}, as a server in mode chat sends it`;
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
      const expected = Number.isFinite(this.#plan.messages) ? `${this.#plan.messages}` : "some until the test is over";
      const got = `the end of the connection after ${this.#received}`;
      this.#fail("ERR_ECHO_MISSING", `echoes: expected ${expected}, got ${got}`);
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
    this.#sending.stop();
  }
}
