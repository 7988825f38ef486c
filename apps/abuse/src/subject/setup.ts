import type { ListenOptions } from "@p2pnet/connection";
import type { BehaviourName } from "./behaviours.js";

/** Who is abused. */
export type SubjectKind = "p2pnet" | "node-net";

/** How the abused server is to be. */
export interface SubjectSetup {
  readonly kind: SubjectKind;
  readonly behaviour: BehaviourName;
  /** For p2pnet: bounds and deadlines. The server by hand knows none. */
  readonly limits: Omit<ListenOptions, "signal" | "resolver" | "upgrade">;
  /** Bytes that the behaviour sends, where it sends by itself. */
  readonly sends: number;
}

/** What has happened on the server so far. */
export interface SubjectReport {
  /** Connections that have not ended. */
  readonly open: number;
  readonly accepted: number;
  readonly messages: number;
  /** Messages that were not whole. */
  readonly wrong: number;
  /** Exceptions that nobody caught. */
  readonly uncaught: number;
  /** Connections that keep whatever they do until "release". */
  readonly held: number;
  /** Connections that have ended, by error code, or "clean". */
  readonly ends: Readonly<Record<string, number>>;
  /** What accepting failed with, by code. */
  readonly acceptErrors: Readonly<Record<string, number>>;
  /** Callbacks that a behaviour has ended its connection from, by name. */
  readonly endedFrom: Readonly<Record<string, number>>;
  /** Callbacks that a behaviour has thrown from, by name. */
  readonly thrownFrom: Readonly<Record<string, number>>;
  /** Callbacks that came after `onClose`. */
  readonly afterClose: number;
  /** Sockets and timers on the loop of p2pnet. */
  readonly watched: number;
  readonly timers: number;
}
