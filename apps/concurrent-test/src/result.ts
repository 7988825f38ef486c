import type { TestArguments } from "./arguments.js";
import type { ClientFailure } from "./failures.js";
import type { LatencySummary } from "./latency.js";
import type { Measurements } from "./measurements.js";

/** The outcome of a test, as `--json` prints it. */
export interface TestResult {
  readonly mode: TestArguments["mode"];
  readonly clients: number;
  /** Of each client. */
  readonly messages: number;
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

export function testResult(
  options: Pick<TestArguments, "mode" | "clients" | "messages">,
  measurements: Measurements,
  backend: string,
  failures: readonly ClientFailure[],
): TestResult {
  const { mode, clients, messages } = options;
  const { sent, received, unexpected, seconds, latency, interleaving } = measurements;
  return {
    mode,
    clients,
    messages,
    sent,
    received,
    successRate: Math.max(0, received - unexpected) / expectedMessages(options),
    seconds,
    throughput: seconds > 0 ? received / seconds : 0,
    latencyMs: latency.summary(),
    interleaved: interleaving.verdict(mode === "chat" ? clients - 1 : clients, messages),
    backend,
    failures,
  };
}

/** How many messages the clients are to receive: of their own, or in a chat of all others. */
export function expectedMessages({
  mode,
  clients,
  messages,
}: Pick<TestArguments, "mode" | "clients" | "messages">): number {
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
