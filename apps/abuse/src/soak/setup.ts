export interface SoakSetup {
  readonly port: number;
  readonly connections: number;
}

/** What the clients have done so far. */
export interface SoakTraffic {
  readonly open: number;
  readonly echoes: number;
  /** Echoes that were not what was sent. */
  readonly wrong: number;
  /** Connections that the clients have ended, by the way they did. */
  readonly left: Readonly<Record<string, number>>;
  /** Connections that the server has ended. */
  readonly lost: number;
}
