/** What the load generator does to a server. */
export interface BenchCase {
  readonly name: string;
  readonly connections: number;
  /** Messages that each connection keeps under way. */
  readonly depth: number;
  readonly payloadBytes: number;
}

/** Payload of the C library's own example, "Hello from framed client!". */
const PAYLOAD_BYTES = 25;

export const CASES: readonly BenchCase[] = [
  { name: "echo", connections: 100, depth: 1, payloadBytes: PAYLOAD_BYTES },
  { name: "echo-1", connections: 1, depth: 1, payloadBytes: PAYLOAD_BYTES },
  { name: "echo-10", connections: 10, depth: 1, payloadBytes: PAYLOAD_BYTES },
  { name: "pipelined", connections: 10, depth: 64, payloadBytes: PAYLOAD_BYTES },
];

export function describeCase({ name, connections, depth, payloadBytes }: BenchCase): string {
  const plural = connections === 1 ? "" : "s";
  return `${name}: ${connections} connection${plural}, ${depth} message${depth === 1 ? "" : "s"} under way on each, ${payloadBytes}-byte payload`;
}
