export interface PingSetup {
  readonly port: number;
  /** From an echo to the next message. */
  readonly intervalMs: number;
}

/** Round trips since the last report, in milliseconds. */
export interface PingReport {
  readonly count: number;
  readonly p99: number;
  readonly worst: number;
  /** Echoes that were not what was sent. */
  readonly wrong: number;
  /** Why there will be no more, or null. */
  readonly failure: string | null;
}
