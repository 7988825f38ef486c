import type { MessageConnection } from "@p2pnet/connection";
import { Timers } from "@p2pnet/event-loop";
import { expect, it } from "vitest";
import { ChatClient } from "../src/chat-client.js";
import { ChatTest } from "../src/chat-test.js";
import { EchoClient } from "../src/echo-client.js";
import { Measurements } from "../src/measurements.js";
import { choosePayloads, recognizePayloads } from "../src/payloads.js";

const LATE_MS = 700;

const plan = {
  clients: 2,
  messages: 2,
  depth: Number.POSITIVE_INFINITY,
  delay: 0,
  interval: 1,
  timeout: 500,
  payloads: choosePayloads({ messages: 2 }),
  recognize: recognizePayloads({ messages: 2 }),
};

/** The part of a connection that a client uses: `onSend` is told what it sends. */
function stubConnection(onSend: (message: Uint8Array) => void): MessageConnection {
  const stub: Partial<MessageConnection> = {
    onMessage: null,
    onDrain: null,
    onClose: null,
    send: (message: Uint8Array) => {
      onSend(message);
      return true;
    },
    close: async () => stub.onClose?.(undefined),
    abort: () => stub.onClose?.(undefined),
  };
  return stub as MessageConnection;
}

function newTimers(): Timers {
  return new Timers({ now: () => performance.now() });
}

it("an echo's latency counts from when its message should have been sent, its timeout from when it was", async () => {
  const measurements = new Measurements();
  const connection = stubConnection((message) => queueMicrotask(() => connection.onMessage?.(message)));
  const client = new EchoClient(1, connection, plan, measurements, newTimers());
  client.start(performance.now() - LATE_MS, Number.POSITIVE_INFINITY);
  expect(await client.left).toBeNull();
  expect(measurements.received).toBe(2);
  expect(measurements.latency.summary().p50).toBeGreaterThan(LATE_MS - 5);
});

it("so does that of a message in a chat", async () => {
  const measurements = new Measurements();
  const test = new ChatTest(plan);
  const [one, other] = [stubConnection((message) => hear(2, message)), stubConnection((message) => hear(1, message))];
  const hear = (number: number, message: Uint8Array): void =>
    queueMicrotask(() => (number === 1 ? one : other).onMessage?.(message));
  const clients = [one, other].map((connection, index) => {
    return new ChatClient(index + 1, connection, test, measurements, newTimers());
  });
  for (const client of clients) client.start(performance.now() - LATE_MS, Number.POSITIVE_INFINITY);
  expect(await Promise.all(clients.map((client) => client.left))).toEqual([null, null]);
  expect(measurements.received).toBe(4);
  expect(measurements.latency.summary().p50).toBeGreaterThan(LATE_MS - 5);
});
