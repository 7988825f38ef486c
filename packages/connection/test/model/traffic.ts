import { expect } from "vitest";
import type { ConnectionStats, MessageConnection } from "../../src/index.js";
import { same } from "../bytes.js";
import type { Side } from "./side.js";

export const HEADER_BYTES = 4;
const NEVER_LESS = ["bytesReceived", "bytesSent", "messagesReceived", "messagesSent", "ageMs"] as const;

/** What went over one end, beside what its `stats()` say of that. */
export class Traffic {
  /** Messages that the connection has taken. */
  readonly sent: Uint8Array[] = [];
  /** How many messages it has given. */
  received = 0;
  readonly #connection: MessageConnection;
  /** How many it may give at most, once nobody wants more. */
  #mayReceive = Number.POSITIVE_INFINITY;
  /** How many it had given when it was paused. */
  #heldAt: number | null = null;
  #before: ConnectionStats;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
    this.#before = connection.stats();
  }

  /** A message came: whether it is the next one that `other` has sent. */
  isNext(message: Uint8Array, other: Side): boolean {
    const expected = other.sent[this.received++];
    return expected !== undefined && same(message, expected);
  }

  /** Sends a message over a connection that is not open. What becomes of it: "dropped", or what is told, by its code. */
  tooLate(message: Uint8Array): string | undefined {
    try {
      return this.#connection.send(message) ? "dropped" : "slow";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }

  /** No message is to be given any more. */
  stop(): void {
    this.#mayReceive = Math.min(this.#mayReceive, this.#connection.stats().messagesReceived);
  }

  /** No message is to be given until `release`, while the connection is open. */
  hold(): void {
    this.#heldAt ??= this.#connection.stats().messagesReceived;
  }

  release(): void {
    this.#heldAt = null;
  }

  check(other: Side): void {
    const { open, bufferedBytes } = this.#connection;
    const now = this.#connection.stats();
    for (const name of NEVER_LESS) expect(now[name], name).toBeGreaterThanOrEqual(this.#before[name]);
    this.#before = now;
    const sentBytes = this.sent.reduce((sum, { length }) => sum + HEADER_BYTES + length, 0);
    // What waits is lost with the connection, and the stream may know of that before the user does.
    if (open && !other.gaveUp) expect(now.bytesSent + now.queuedBytes).toBe(sentBytes);
    else expect(now.bytesSent + now.queuedBytes).toBeLessThanOrEqual(sentBytes);
    expect([now.messagesSent, now.queuedBytes]).toEqual([this.sent.length, bufferedBytes]);
    expect(now.messagesReceived).toBeLessThanOrEqual(Math.min(this.#mayReceive, other.sent.length));
    if (open && this.#heldAt !== null) expect(now.messagesReceived).toBe(this.#heldAt);
  }
}
