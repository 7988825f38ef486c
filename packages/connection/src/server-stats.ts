import type { RefusalCode } from "./admission.js";
import type { Traffic } from "./connection-stats.js";

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
}

/** Under what an end is counted. */
export function endCode(error: (Error & { readonly code?: unknown }) | undefined): string {
  if (error === undefined) return "none";
  return typeof error.code === "string" ? error.code : error.name;
}
