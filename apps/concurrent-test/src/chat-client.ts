import type { MessageConnection } from "@p2pnet/connection";
import type { Timer, Timers } from "@p2pnet/event-loop";
import type { ChatTest } from "./chat-test.js";
import { findDifference } from "./echo-check.js";
import { type ChatFailureCode, type ClientFailure, clientFailure } from "./failures.js";
import { isCall } from "./gathering.js";
import type { Measurements } from "./measurements.js";
import { Sending, type SendingClient } from "./sending.js";
import type { TestClient } from "./test-client.js";

/** One member of the room: says its messages, and checks that it hears all those of all others, once and in order. */
export class ChatClient implements TestClient, SendingClient {
  readonly left: Promise<ClientFailure | null>;
  /** Messages that not everybody has heard yet. */
  underWay = 0;
  readonly #number: number;
  readonly #connection: MessageConnection;
  readonly #test: ChatTest;
  readonly #measurements: Measurements;
  readonly #deadline: Timer;
  readonly #sending: Sending;
  /** Of each client by its number: how many of its messages were heard. */
  readonly #heard: Uint32Array;
  #finished = false;
  #failure: ClientFailure | null = null;

  constructor(
    number: number,
    connection: MessageConnection,
    test: ChatTest,
    measurements: Measurements,
    timers: Timers,
  ) {
    this.#number = number;
    this.#connection = connection;
    this.#test = test;
    this.#measurements = measurements;
    this.#heard = new Uint32Array(test.plan.clients + 1);
    this.#deadline = timers.set(test.plan.timeout, () => this.#checkDeadline());
    this.#sending = new Sending(test.plan, this, timers);
    test.join(number, this);
    connection.onDrain = () => this.#sending.drained();
    this.left = new Promise((resolve) => {
      connection.onClose = (error) => {
        this.#closed(error);
        resolve(this.#failure);
      };
    });
  }

  start(firstAt: number, endsAt: number): void {
    this.#connection.onMessage = (message) => this.#hear(message);
    this.#sending.start(firstAt, endsAt);
  }

  abort(): void {
    this.#finish();
    this.#connection.abort();
  }

  /** Everybody has heard everything. */
  leave(): void {
    if (this.#finished) return;
    this.#finish();
    void this.#connection.close();
  }

  send(message: number, dueAt: number): boolean {
    const payload = this.#test.plan.payloads(this.#number, message);
    const sentAt = performance.now();
    this.underWay++;
    this.#measurements.messageSent(sentAt);
    this.#test.ledger.said(this.#number, message, sentAt, dueAt);
    return this.#connection.send(payload);
  }

  /** It stays to hear the others. */
  complete(): void {}

  /** Everybody has heard one more of its messages. */
  wasHeard(): void {
    this.underWay--;
    this.#sending.advanceSoon();
  }

  #hear(payload: Uint8Array): void {
    // A room that is wrong may still be passing on calls.
    if (this.#finished || isCall(payload)) return;
    const now = performance.now();
    const { plan, ledger } = this.#test;
    const origin = plan.recognize(payload);
    if (origin === null || origin.client > plan.clients || origin.message > plan.messages) {
      return this.#fail("ERR_CHAT_MISMATCH", `message: expected one of a client, got ${payload.length} other bytes`);
    }
    const { client, message } = origin;
    const next = this.#heard[client]! + 1;
    const which = `message ${message} of client ${client}`;
    if (client === this.#number) {
      const expected = "expected those of others only, as a server in mode chat sends them";
      return this.#fail("ERR_CHAT_OWN", `${which}: ${expected}, got its own`);
    }
    if (message < next) return this.#fail("ERR_CHAT_REPEATED", `${which}: expected it once, got it again`);
    if (message > next) return this.#fail("ERR_CHAT_ORDER", `${which}: expected message ${next} before it, got none`);
    const difference = findDifference(plan.payloads(client, message), payload);
    if (difference !== null) return this.#fail("ERR_CHAT_MISMATCH", `${which}: ${difference}`);
    const said = ledger.underWay(client, message);
    if (said === undefined)
      return this.#fail("ERR_CHAT_MISMATCH", `${which}: expected it after it was said, got it before`);
    this.#heard[client] = next;
    this.#measurements.messageReceived(this.#number, said.dueAt, now);
    // What one member hears is enough to tell whether the others are relayed side by side.
    if (this.#number === 1) this.#measurements.interleaving.arrived(client);
    if (ledger.heard(client, message)) this.#test.client(client).wasHeard();
  }

  /** For the oldest message that this client has not heard; if there is none that old, it looks again later. */
  #checkDeadline(): void {
    const { plan, ledger } = this.#test;
    const now = performance.now();
    let next = now + plan.timeout;
    for (let client = 1; client <= plan.clients; client++) {
      if (client === this.#number) continue;
      const message = this.#heard[client]! + 1;
      const said = ledger.underWay(client, message);
      if (said === undefined) continue;
      if (said.sentAt + plan.timeout <= now) {
        const expected = `expected it within ${plan.timeout} ms`;
        return this.#fail("ERR_CHAT_TIMEOUT", `message ${message} of client ${client}: ${expected}, got nothing`);
      }
      next = Math.min(next, said.sentAt + plan.timeout);
    }
    this.#deadline.refresh(next - now);
  }

  #closed(error: Error | undefined): void {
    if (this.#finished) return;
    if (error === undefined) {
      this.#fail("ERR_CHAT_MISSING", "messages: expected those of all others, got the end of the connection");
    } else {
      this.#failed(clientFailure(this.#number, error));
    }
  }

  #fail(code: ChatFailureCode, message: string): void {
    this.#failed({ client: this.#number, code, message });
    this.#connection.abort();
  }

  #failed(failure: ClientFailure): void {
    this.#failure = failure;
    this.#finish();
    this.#test.failed();
  }

  #finish(): void {
    this.#finished = true;
    this.#deadline.cancel();
    this.#sending.stop();
  }
}
