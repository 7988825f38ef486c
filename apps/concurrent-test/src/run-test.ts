import { connect, type MessageConnection } from "@p2pnet/connection";
import type { EventLoop } from "@p2pnet/event-loop";
import type { SecurePeer, Upgrade } from "@p2pnet/secure";
import type { TestArguments } from "./arguments.js";
import { ChatClient } from "./chat-client.js";
import { ChatTest } from "./chat-test.js";
import { EchoClient } from "./echo-client.js";
import { type ClientFailure, clientFailure } from "./failures.js";
import { gather } from "./gathering.js";
import type { Measurements } from "./measurements.js";
import { choosePayloads, recognizePayloads } from "./payloads.js";
import { Ramp } from "./ramp.js";
import { settleInOrder } from "./settle-in-order.js";
import type { TestClient } from "./test-client.js";

/** Milliseconds that a server gets to end its side, after a client has said that it sends no more. */
const LEAVE_MS = 1_000;

/**
 * Connects all clients, then lets them send, and returns the failures of those that had one, in the order of their
 * numbers. If one cannot connect, none sends. With a ramp, each sends once it is connected, whatever the others do.
 *
 * @param upgrade what makes connections secure ones; null for plain text
 * @throws the reason of `signal`
 */
export async function runTest(
  options: TestArguments,
  address: { host: string; port: number },
  upgrade: Upgrade | null,
  loop: EventLoop,
  measurements: Measurements,
  signal: AbortSignal,
): Promise<ClientFailure[]> {
  const { duration = Number.POSITIVE_INFINITY, rate, timeout } = options;
  /** Milliseconds from one message to the next, of all clients together. */
  const stepMs = rate === undefined ? 0 : 1000 / rate;
  const interval = rate === undefined ? null : stepMs * options.clients;
  const plan = { ...options, interval, payloads: choosePayloads(options), recognize: recognizePayloads(options) };
  const chat = options.mode === "chat" ? new ChatTest(plan) : null;
  const begin = performance.now();
  const ramp = new Ramp(begin, options.ramp * 1000, options.clients);
  const clients: TestClient[] = [];
  const connections: MessageConnection<unknown>[] = [];
  const abortAll = (): void => {
    for (const client of clients) client.abort();
  };

  const connectClient = async (number: number): Promise<TestClient> => {
    await ramp.wait(number, signal);
    const connection = await connect<SecurePeer | null>({
      ...address,
      loop,
      signal,
      borrow: true,
      // Together, not each after those that were before it.
      connectTimeoutMs: Math.max(1, ramp.timeOf(number) + timeout - performance.now()),
      drainTimeoutMs: LEAVE_MS,
      ...(upgrade === null ? {} : { upgrade, handshakeTimeoutMs: options.timeout }),
    });
    connections.push(connection);
    const client =
      chat === null
        ? new EchoClient(number, connection, plan, measurements, loop.timers)
        : new ChatClient(number, connection, chat, measurements, loop.timers);
    clients.push(client);
    if (options.ramp > 0) client.start(performance.now(), begin + duration * 1000);
    return client;
  };

  signal.addEventListener("abort", abortAll, { once: true });
  try {
    const attempts = await settleInOrder(options.clients, connectClient);
    const allConnected = attempts.every(({ status }) => status === "fulfilled");
    if (chat !== null && allConnected && !signal.aborted) {
      const lost = Promise.race(clients.map((client) => client.left));
      await gather(connections, loop.timers, options.timeout, lost);
    }
    if (signal.aborted || (options.ramp === 0 && !allConnected)) abortAll();
    else if (options.ramp === 0) startTogether(attempts, stepMs, duration * 1000);
    const outcomes = await Promise.all(
      attempts.map((attempt, index) =>
        attempt.status === "fulfilled" ? attempt.value.left : clientFailure(index + 1, attempt.reason),
      ),
    );
    signal.throwIfAborted();
    return outcomes.filter((failure) => failure !== null);
  } finally {
    signal.removeEventListener("abort", abortAll);
  }
}

/** With a rate, the clients take turns. */
function startTogether(
  attempts: readonly PromiseSettledResult<TestClient>[],
  stepMs: number,
  durationMs: number,
): void {
  const start = performance.now();
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.status === "fulfilled") attempt.value.start(start + index * stepMs, start + durationMs);
  }
}
