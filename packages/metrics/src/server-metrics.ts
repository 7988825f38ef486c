import type { ServerStats } from "@p2pnet/connection";

/** Whatever counts as a server does: a `Server`, or all the workers of one. */
export interface ServerStatsSource {
  stats(): ServerStats | Promise<ServerStats>;
}

/** One thing that a server counts. */
export interface ServerMetric {
  /** Without a prefix, in snake_case. */
  readonly name: string;
  readonly help: string;
  /** A counter only grows; a gauge says how much there is now, and those of several servers add up. */
  readonly kind: "counter" | "gauge";
  /** As in UCUM, which OpenTelemetry uses; what is counted stands in braces. */
  readonly unit: string;
  /** What its values are told apart by; null if there is one value only. */
  readonly label: "code" | null;
  /** Its value, or its values by label. */
  readonly read: (stats: ServerStats) => number | Readonly<Record<string, number>>;
}

/** Everything that `server.stats()` tells and that adds up, as metrics. */
export const SERVER_METRICS: readonly ServerMetric[] = [
  {
    name: "connections",
    help: "Connections that have not ended yet.",
    kind: "gauge",
    unit: "{connection}",
    label: null,
    read: (stats) => stats.connections,
  },
  {
    name: "pending_handshakes",
    help: "Peers in their handshake.",
    kind: "gauge",
    unit: "{handshake}",
    label: null,
    read: (stats) => stats.pendingHandshakes,
  },
  {
    name: "queued_bytes",
    help: "Bytes sent that the system has not taken yet.",
    kind: "gauge",
    unit: "By",
    label: null,
    read: (stats) => stats.queuedBytes,
  },
  {
    name: "accepted_connections",
    help: "Connections that were let in.",
    kind: "counter",
    unit: "{connection}",
    label: null,
    read: (stats) => stats.accepted,
  },
  {
    name: "ended_connections",
    help: "Connections that have ended, by error code; none after a graceful end.",
    kind: "counter",
    unit: "{connection}",
    label: "code",
    read: (stats) => stats.ended,
  },
  {
    name: "refused_connections",
    help: "Peers that were turned away, by error code.",
    kind: "counter",
    unit: "{connection}",
    label: "code",
    read: (stats) => stats.refused,
  },
  {
    name: "cut_connections",
    help: "Connections that close has reset at its deadline.",
    kind: "counter",
    unit: "{connection}",
    label: null,
    read: (stats) => stats.cut,
  },
  {
    name: "failed_handshakes",
    help: "Handshakes that failed or took too long.",
    kind: "counter",
    unit: "{handshake}",
    label: null,
    read: (stats) => stats.failedHandshakes,
  },
  {
    name: "slow_peers",
    help: "Times that the queue of a connection has reached its high-water mark.",
    kind: "counter",
    unit: "{time}",
    label: null,
    read: (stats) => stats.timesSlow,
  },
  {
    name: "received_bytes",
    help: "Bytes that came in, headers included.",
    kind: "counter",
    unit: "By",
    label: null,
    read: (stats) => stats.bytesReceived,
  },
  {
    name: "sent_bytes",
    help: "Bytes that the system took, headers included.",
    kind: "counter",
    unit: "By",
    label: null,
    read: (stats) => stats.bytesSent,
  },
  {
    name: "received_messages",
    help: "Messages delivered.",
    kind: "counter",
    unit: "{message}",
    label: null,
    read: (stats) => stats.messagesReceived,
  },
  {
    name: "sent_messages",
    help: "Messages queued to be sent.",
    kind: "counter",
    unit: "{message}",
    label: null,
    read: (stats) => stats.messagesSent,
  },
];

/** The values of a metric, each with its label. */
export function valuesOf(metric: ServerMetric, stats: ServerStats): [labels: Record<string, string>, value: number][] {
  const read = metric.read(stats);
  if (typeof read === "number") return [[{}, read]];
  return Object.entries(read).map(([label, value]) => [{ [metric.label ?? "code"]: label }, value]);
}
