import type { MessagePort } from "node:worker_threads";
import type { SocketAddress } from "@p2pnet/socket";
import type { ServerStats } from "../server-stats.js";
import type { Handed } from "../transports/handed.js";

/**
 * How connections come to workers. reusePort: each listens, and the system chooses. handles: the thread of `runWorkers`
 * accepts, and hands each worker one in turn.
 */
export type Spread = "reusePort" | "handles";

/** Under this name a worker finds what it was started with in its `workerData`. */
export const WORKER_START = "p2pnet:worker";

/** What a worker is started with. */
export interface WorkerStart {
  readonly index: number;
  readonly count: number;
  /** Where the workers listen; null for the first one, which decides. */
  readonly address: SocketAddress | null;
  readonly spread: Spread;
  /** It may do without the others where they cannot share its address. */
  readonly mayBeAlone: boolean;
  readonly data: unknown;
  readonly control: MessagePort;
  /** To the workers that run already; more come as `peer`. */
  readonly peers: readonly PeerPort[];
  /** Int32: for each worker the bytes of broadcasts that it has not heard yet. */
  readonly waiting: SharedArrayBuffer;
}

/** Where another worker is reached. */
export interface PeerPort {
  readonly index: number;
  readonly port: MessagePort;
}

export type ToWorker =
  | { readonly kind: "peer"; readonly peer: PeerPort }
  | { readonly kind: "stats" }
  /** Stop listening, drain, and end. */
  | { readonly kind: "close"; readonly deadlineMs: number };

export type FromWorker =
  /** @param alone it shares its address with nobody */
  | { readonly kind: "listening"; readonly address: SocketAddress; readonly alone: boolean }
  | { readonly kind: "stats"; readonly stats: ServerStats }
  /** It wants to be handed connections; comes before `listening`. */
  | { readonly kind: "offer"; readonly offer: Handed }
  /** It has drained. */
  | { readonly kind: "closed"; readonly stats: ServerStats }
  /** The thread ends, whyever, and has reset its connections. */
  | { readonly kind: "gone"; readonly stats: ServerStats };
