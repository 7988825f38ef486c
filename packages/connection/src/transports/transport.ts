import type { Timers } from "@p2pnet/event-loop";
import type { SocketAddress, UnixEndpoint } from "@p2pnet/socket";
import type { ByteStream } from "@p2pnet/stream";

/** native: sockets of the system through FFI, on an event loop. node: `node:net`, without native code. */
export type TransportName = "native" | "node";

/** Where to connect or listen. */
export type Endpoint = IpEndpoint | UnixEndpoint;

export interface IpEndpoint {
  /** Numeric. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
}

/** A connected peer. Whoever gets one owns its stream. */
export interface Link {
  readonly stream: ByteStream;
  readonly localAddress: SocketAddress | null;
  readonly remoteAddress: SocketAddress | null;
}

export interface ListenSettings {
  readonly backlog: number;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
}

export interface ListenEvents {
  onLink(link: Link): void;
  /** Accepting failed: for a while, or for good if nobody listens any more. */
  onError(error: Error): void;
}

export interface Listening {
  readonly address: SocketAddress;
  /** Whether it has stopped listening, by itself too. */
  readonly closed: boolean;
  /** Stops listening. Links that were given out live on. Closing twice is allowed. */
  close(): void;
}

/** How bytes get to a peer: all that `connect` and `listen` leave to the system below. */
export interface Transport {
  readonly name: TransportName;
  /** Where deadlines run. One that is set keeps the process running. */
  readonly timers: Timers;
  /** Connects to one endpoint. After a failure, or when `signal` is aborted, nothing is left open. */
  connect(to: Endpoint, signal: AbortSignal): Promise<Link>;
  listen(at: Endpoint, settings: ListenSettings, events: ListenEvents): Promise<Listening>;
}
