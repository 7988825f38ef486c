import { connect, type MessageConnection } from "@p2pnet/connection";
import type { EventLoop } from "@p2pnet/event-loop";
import type { TestArguments } from "./arguments.js";
import { EchoClient } from "./echo-client.js";
import { type ClientFailure, clientFailure } from "./failures.js";
import type { Measurements } from "./measurements.js";
import { choosePayloads } from "./payloads.js";

/** Milliseconds that a server gets to end its side, after a client has said that it sends no more. */
const LEAVE_MS = 1_000;

/**
 * Connects all clients, then lets them send, and returns the failures of those that had one, in the order of their
 * numbers. If one cannot connect, none sends.
 *
 * @throws the reason of `signal`
 */
export async function runTest(
  options: TestArguments,
  address: { host: string; port: number },
  loop: EventLoop,
  measurements: Measurements,
  signal: AbortSignal,
): Promise<ClientFailure[]> {
  const attempts = await Promise.allSettled(
    Array.from({ length: options.clients }, () => connectClient(options, address, loop, signal)),
  );
  const failures = attempts.flatMap((attempt, index) =>
    attempt.status === "rejected" ? [clientFailure(index + 1, attempt.reason)] : [],
  );
  const connections = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  if (signal.aborted || failures.length > 0) {
    for (const connection of connections) connection.abort();
    signal.throwIfAborted();
    return failures;
  }

  const plan = { ...options, payloads: choosePayloads(options) };
  const clients = connections.map(
    (connection, index) => new EchoClient(index + 1, connection, plan, measurements, loop.timers),
  );
  const abortAll = (): void => {
    for (const client of clients) client.abort();
  };
  signal.addEventListener("abort", abortAll, { once: true });
  for (const client of clients) client.start();
  const outcomes = await Promise.all(clients.map((client) => client.left));
  signal.removeEventListener("abort", abortAll);
  signal.throwIfAborted();
  return outcomes.filter((failure) => failure !== null);
}

function connectClient(
  options: TestArguments,
  { host, port }: { host: string; port: number },
  loop: EventLoop,
  signal: AbortSignal,
): Promise<MessageConnection> {
  return connect({
    host,
    port,
    loop,
    signal,
    borrow: true,
    connectTimeoutMs: options.timeout,
    drainTimeoutMs: LEAVE_MS,
  });
}
