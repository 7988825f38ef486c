export interface PingSetup {
  /** The server that is abused. */
  readonly port: number;
  /** One that nobody else uses: what it takes is what the machine takes. */
  readonly calmPort: number;
  /** From an echo to the next message. */
  readonly intervalMs: number;
}

/** Round trips since the last report, in milliseconds. */
export interface RoundTrips {
  readonly count: number;
  readonly p99: number;
  readonly worst: number;
  /** Echoes that were not what was sent. */
  readonly wrong: number;
  /** Why there will be no more, or null. */
  readonly failure: string | null;
}

export interface PingReport {
  readonly abused: RoundTrips;
  readonly calm: RoundTrips;
}
