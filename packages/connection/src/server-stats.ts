import type { RefusalCode } from "./admission.js";
import { NO_TRAFFIC, sumOfTraffic, type Traffic } from "./connection-stats.js";

/** The counters of a server: what is now, and what was since it listens. Traffic is that of all its connections so far. */
export interface ServerStats extends Traffic {
  /** Connections that have not ended yet. */
  readonly connections: number;
  /** Peers that are in their handshake. */
  readonly pendingHandshakes: number;
  /** Connections that were given to `onConnection`. */
  readonly accepted: number;
  /** Connections that have ended, by the code of the error that `onClose` was told (or its name), `none` after a graceful end. */
  readonly ended: Readonly<Record<string, number>>;
  /** Peers turned away, by the code that `onError` was told. */
  readonly refused: Readonly<Record<RefusalCode, number>>;
  /** Peers whose handshake failed or took too long. */
  readonly failedHandshakes: number;
  /** Connections that `close` has reset at its deadline. */
  readonly cut: number;
  /** Milliseconds since it listens. */
  readonly ageMs: number;
  /** Milliseconds since a byte last moved on any of its connections, or one was made; since it listens if nobody has come. */
  readonly idleMs: number;
}

/** Under what an end is counted. */
export function endCode(error: (Error & { readonly code?: unknown }) | undefined): string {
  if (error === undefined) return "none";
  return typeof error.code === "string" ? error.code : error.name;
}

/** Of a server that nobody has come to. */
export const NO_STATS: ServerStats = {
  ...NO_TRAFFIC,
  connections: 0,
  pendingHandshakes: 0,
  accepted: 0,
  ended: { none: 0 },
  refused: {
    ERR_TOO_MANY_CONNECTIONS: 0,
    ERR_TOO_MANY_FROM_ADDRESS: 0,
    ERR_TOO_MANY_HANDSHAKES: 0,
    ERR_TOO_MANY_FAILED_HANDSHAKES: 0,
    ERR_ACCEPT_RATE: 0,
  },
  failedHandshakes: 0,
  cut: 0,
  ageMs: 0,
  idleMs: Number.POSITIVE_INFINITY,
};

/** Those of two servers as one, as old as the older one and as idle as the busier one. */
export function sumOfStats(a: ServerStats, b: ServerStats): ServerStats {
  return {
    ...sumOfTraffic(a, b),
    connections: a.connections + b.connections,
    pendingHandshakes: a.pendingHandshakes + b.pendingHandshakes,
    accepted: a.accepted + b.accepted,
    ended: sumOfCounts(a.ended, b.ended),
    refused: sumOfCounts(a.refused, b.refused),
    failedHandshakes: a.failedHandshakes + b.failedHandshakes,
    cut: a.cut + b.cut,
    ageMs: Math.max(a.ageMs, b.ageMs),
    idleMs: Math.min(a.idleMs, b.idleMs),
  };
}

function sumOfCounts<T extends Readonly<Record<string, number>>>(a: T, b: T): T {
  const codes = Object.keys({ ...a, ...b });
  return Object.fromEntries(codes.map((code) => [code, (a[code] ?? 0) + (b[code] ?? 0)])) as T;
}
