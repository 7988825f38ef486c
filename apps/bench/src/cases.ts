import { BASELINE } from "./baseline.js";
import { LOAD_METRICS, type Metric } from "./metrics.js";
import type { Workload } from "./workload.js";

/** One thing to do to every server, and what to tell of it. */
export interface BenchCase {
  readonly name: string;
  readonly workload: Workload;
  readonly connections: number;
  /** Messages that each connection keeps under way. */
  readonly depth: number;
  readonly payloadBytes: number;
  /** Connections beside those, opened after the warm-up, that stay silent. */
  readonly idle: number;
  /** Whether each of the idle ones exchanges one message first. */
  readonly greet: boolean;
  /** False where the memory that a warm-up leaves behind would be taken for that of connections. */
  readonly warmUp: boolean;
  readonly metrics: readonly Metric[];
  /** Matches the servers that take part. */
  readonly peers: RegExp;
  /** The one of them that all are divided by. */
  readonly baseline: string;
}

/** Payload of the C library's own example, "Hello from framed client!". */
const PAYLOAD_BYTES = 25;

const plain: Omit<BenchCase, "name"> = {
  workload: "echo",
  connections: 10,
  depth: 1,
  payloadBytes: PAYLOAD_BYTES,
  idle: 0,
  greet: false,
  warmUp: true,
  metrics: LOAD_METRICS,
  peers: /^(?!sealed-)/,
  baseline: BASELINE,
};

/** Who seals its bytes, and our own connections without it: with clients of the same kind, so that C has no part in it. */
const sealed: Omit<BenchCase, "name"> = { ...plain, peers: /^sealed-/, baseline: "sealed-tls" };

/** Name of the cases that differ only in the number of idle connections: together they draw a curve. */
export const SCALE = "scale";

/** Connections of each point of the curve, of which ten are busy. */
const SCALE_SIZES = [10, 1000, 5000, 10_000, 15_000];

const scale: readonly BenchCase[] = SCALE_SIZES.map((size) => ({
  ...plain,
  name: `${SCALE}-${size}`,
  idle: size - plain.connections,
  greet: true,
  metrics: ["cpuMicros", "p50Micros", "p99Micros", "residentBytes"],
  // The curve compares ways to wait; runtimes around the same way would only repeat it.
  peers: /^(c|p2pnet)-/,
}));

export const CASES: readonly BenchCase[] = [
  { ...plain, name: "echo", connections: 100 },
  { ...plain, name: "echo-1", connections: 1 },
  { ...plain, name: "echo-10" },
  { ...plain, name: "echo-1000", connections: 1000 },
  { ...plain, name: "pipelined", depth: 64 },
  { ...plain, name: "echo-4k", payloadBytes: 4096 },
  { ...plain, name: "echo-64k", payloadBytes: 65_536 },
  { ...plain, name: "broadcast", workload: "broadcast", connections: 100 },
  { ...plain, name: "churn", workload: "churn" },
  { ...plain, name: "idle", idle: 14_990, warmUp: false, metrics: ["idleBytes", "residentBytes"] },
  ...scale,
  { ...sealed, name: "secure-echo", connections: 100, baseline: "sealed-none" },
  { ...sealed, name: "secure-bulk", payloadBytes: 65_536 },
  { ...sealed, name: "handshakes", workload: "churn" },
];

/** What `--case` takes: every case by itself, or the curve as a whole. */
export const CASE_CHOICES: readonly string[] = [...CASES.map(({ name }) => name), SCALE];

export function chooseCases(names: readonly string[] | undefined): BenchCase[] {
  return CASES.filter(({ name }) => names?.some((wanted) => wanted === name || isScale(name, wanted)) ?? true);
}

function isScale(name: string, wanted: string): boolean {
  return wanted === SCALE && name.startsWith(`${SCALE}-`);
}

export function describeCase(benchCase: BenchCase): string {
  const { name, workload, connections, depth, payloadBytes, idle, greet } = benchCase;
  const connected = `${connections} connection${connections === 1 ? "" : "s"}`;
  const under = workload === "echo" ? `, ${depth} message${depth === 1 ? "" : "s"} under way on each` : "";
  const does = {
    echo: "",
    broadcast: ", one message at a time to all of them",
    churn: " at a time, one message on each, then closed",
  };
  const beside = idle === 0 ? "" : `, beside ${idle} idle ones${greet ? " (a message on each first)" : ""}`;
  return `${name}: ${connected}${under}${does[workload]}, ${payloadBytes}-byte payload${beside}`;
}
