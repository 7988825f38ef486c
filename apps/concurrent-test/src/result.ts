import type { TestArguments } from "./arguments.js";
import type { ClientFailure } from "./failures.js";
import type { LatencySummary } from "./latency.js";
import type { Measurements } from "./measurements.js";

/** The outcome of a test, as `--json` prints it. */
export interface TestResult {
  readonly clients: number;
  /** Of each client. */
  readonly messages: number;
  readonly sent: number;
  /** Echoes that were what had been sent, in order. */
  readonly received: number;
  /** From 0 to 1. Echoes of nothing count against it. */
  readonly successRate: number;
  /** From the first message to the last echo. */
  readonly seconds: number;
  /** Echoed messages per second. */
  readonly throughput: number;
  readonly latencyMs: LatencySummary;
  /** Null where it cannot be told. */
  readonly interleaved: boolean | null;
  readonly backend: string;
  readonly failures: readonly ClientFailure[];
}

export function testResult(
  { clients, messages }: Pick<TestArguments, "clients" | "messages">,
  measurements: Measurements,
  backend: string,
  failures: readonly ClientFailure[],
): TestResult {
  const { sent, received, unexpected, seconds, latency, interleaving } = measurements;
  return {
    clients,
    messages,
    sent,
    received,
    successRate: Math.max(0, received - unexpected) / (clients * messages),
    seconds,
    throughput: seconds > 0 ? received / seconds : 0,
    latencyMs: latency.summary(),
    interleaved: interleaving.verdict(clients, messages),
    backend,
    failures,
  };
}

/** Whether everything came back, and nothing else. */
export function passed(result: TestResult): boolean {
  return result.successRate === 1 && result.failures.length === 0;
}
