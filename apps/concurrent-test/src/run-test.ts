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
import { settleInOrder } from "./settle-in-order.js";
import type { TestClient } from "./test-client.js";

/** Milliseconds that a server gets to end its side, after a client has said that it sends no more. */
const LEAVE_MS = 1_000;

/**
 * Connects all clients, then lets them send, and returns the failures of those that had one, in the order of their
 * numbers. If one cannot connect, none sends.
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
  const plan = { ...options, payloads: choosePayloads(options), recognize: recognizePayloads(options) };
  const chat = options.mode === "chat" ? new ChatTest(plan) : null;
  const connectBy = performance.now() + options.timeout;
  const connections: MessageConnection<unknown>[] = [];
  const connectClient = async (number: number): Promise<TestClient> => {
    const connection = await connect<SecurePeer | null>({
      ...address,
      loop,
      signal,
      borrow: true,
      // Together, not each after those that were before it.
      connectTimeoutMs: Math.max(1, connectBy - performance.now()),
      drainTimeoutMs: LEAVE_MS,
      ...(upgrade === null ? {} : { upgrade, handshakeTimeoutMs: options.timeout }),
    });
    connections.push(connection);
    if (chat === null) return new EchoClient(number, connection, plan, measurements, loop.timers);
    const client = new ChatClient(number, connection, chat, measurements, loop.timers);
    chat.join(number, client);
    return client;
  };
  const attempts = await settleInOrder(options.clients, connectClient);
  const clients = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  const failures = attempts.flatMap((attempt, index) =>
    attempt.status === "rejected" ? [clientFailure(index + 1, attempt.reason)] : [],
  );
  const abortAll = (): void => {
    for (const client of clients) client.abort();
  };
  if (signal.aborted || failures.length > 0) {
    abortAll();
    signal.throwIfAborted();
    return failures;
  }

  signal.addEventListener("abort", abortAll, { once: true });
  if (chat !== null && upgrade !== null) {
    await gather(connections, loop.timers, options.timeout, Promise.race(clients.map((client) => client.left)));
  }
  for (const client of clients) client.start();
  const outcomes = await Promise.all(clients.map((client) => client.left));
  signal.removeEventListener("abort", abortAll);
  signal.throwIfAborted();
  return outcomes.filter((failure) => failure !== null);
}
