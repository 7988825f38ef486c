import type { TestArguments } from "./arguments.js";
import type { ClientFailure } from "./failures.js";
import type { LatencySummary } from "./latency.js";
import type { Measurements } from "./measurements.js";

/** The outcome of a test, as `--json` prints it. */
export interface TestResult {
  readonly mode: TestArguments["mode"];
  readonly clients: number;
  /** Of each client; null where they are sent for a time. */
  readonly messages: number | null;
  /** Seconds in which messages were sent; null where their number is given. */
  readonly duration: number | null;
  /** Messages per second that were to be sent; null: as fast as the answers came. */
  readonly rate: number | null;
  readonly sent: number;
  /** Echoes that were what had been sent, in order; in a chat, messages that a client has heard so. */
  readonly received: number;
  /** From 0 to 1: of all that were to be received. Echoes of nothing count against it. */
  readonly successRate: number;
  /** From the first message to the last echo. */
  readonly seconds: number;
  /** Messages received per second. */
  readonly throughput: number;
  readonly latencyMs: LatencySummary;
  /** Null where it cannot be told. */
  readonly interleaved: boolean | null;
  readonly backend: string;
  readonly failures: readonly ClientFailure[];
}

type TestSize = Pick<TestArguments, "mode" | "clients" | "messages" | "duration" | "rate">;

export function testResult(
  options: TestSize,
  measurements: Measurements,
  backend: string,
  failures: readonly ClientFailure[],
): TestResult {
  const { mode, clients, messages, duration, rate } = options;
  const { sent, received, unexpected, seconds, latency, interleaving } = measurements;
  return {
    mode,
    clients,
    messages: Number.isFinite(messages) ? messages : null,
    duration: duration ?? null,
    rate: rate ?? null,
    sent,
    received,
    successRate: share(received - unexpected, expectedMessages(options) ?? sent),
    seconds,
    throughput: seconds > 0 ? received / seconds : 0,
    latencyMs: latency.summary(),
    interleaved: interleaving.verdict(mode === "chat" ? clients - 1 : clients, messages),
    backend,
    failures,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.max(0, part) / whole;
}

/** How many messages the clients are to receive: of their own, or in a chat of all others. Null: as many as they send. */
export function expectedMessages({ mode, clients, messages }: TestSize): number | null {
  if (!Number.isFinite(messages)) return null;
  return clients * messages * (mode === "chat" ? clients - 1 : 1);
}

/** What is so when the test has passed. */
export function verdict({ mode }: TestResult): string {
  return mode === "chat"
    ? "Every client got every message of all others, once and in order"
    : "Every message came back as it was sent";
}

/** Whether everything came back, and nothing else. */
export function passed(result: TestResult): boolean {
  return result.successRate === 1 && result.failures.length === 0;
}
