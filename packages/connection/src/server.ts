import type { SocketAddress } from "@p2pnet/socket";
import { errorOf } from "./abort.js";
import { Admission, type AdmissionOptions, admissionLimits } from "./admission.js";
import { type BroadcastOptions, type BroadcastResult, broadcast } from "./broadcast.js";
import type { ConnectionOptions } from "./connection-options.js";
import { ConnectionProfile } from "./connection-profile.js";
import { NO_TRAFFIC, sumOfTraffic, type Traffic } from "./connection-stats.js";
import { ConnectionError, expectTimeout, MAX_TIMEOUT_MS } from "./errors.js";
import { Handshakes } from "./handshakes.js";
import type { MessageConnection } from "./message-connection.js";
import { connectionOver } from "./over-link.js";
import { endCode, type ServerStats } from "./server-stats.js";
import { throwLater } from "./throw-later.js";
import type { Endpoint, Link, Listening, ListenSettings, Transport, TransportName } from "./transports/transport.js";
import { handshakeTimeout, type UpgradeOptions } from "./upgrade.js";

/** Called for every peer that connects. */
export type ConnectionHandler<P = unknown> = (connection: MessageConnection<P>) => void;

export interface ServerOptions<P = unknown> extends ConnectionOptions, AdmissionOptions, UpgradeOptions<P> {}

/** A method, so that a server whose peers are known is also one whose peers are anybody. */
interface ConnectionListener<P> {
  onConnection(connection: MessageConnection<P>): void;
}

/** A listening socket and the connections that came in through it. */
export class Server<P = unknown> implements AsyncDisposable {
  /**
   * Told what went wrong between connections: a peer turned away (`ERR_TOO_MANY_CONNECTIONS`, `ERR_TOO_MANY_FROM_ADDRESS`,
   * `ERR_TOO_MANY_HANDSHAKES`, `ERR_TOO_MANY_FAILED_HANDSHAKES`, `ERR_ACCEPT_RATE`), a handshake that failed (with what
   * `upgrade` has rejected with, or `ERR_HANDSHAKE_TIMEOUT`), or an accept that failed for want of descriptors or memory
   * (`EMFILE`, ...), after which accepting pauses for a moment and goes on. After any other error the server accepts no more;
   * if nobody is told that, it is an uncaught exception.
   */
  onError: ((error: Error) => void) | null = null;
  readonly #transport: Transport;
  readonly #profile: ConnectionProfile;
  readonly #listener: ConnectionListener<P>;
  readonly #admission: Admission;
  readonly #handshakes: Handshakes<P> | null;
  readonly #connections = new Set<MessageConnection<P>>();
  #listening!: Listening;
  #accepted = 0;
  #cut = 0;
  readonly #ended: Record<string, number> = { none: 0 };
  /** That of connections that have ended. */
  #pastTraffic: Traffic = NO_TRAFFIC;
  readonly #openedAt: number;
  /** When a byte last moved on a connection that has ended; when it began to listen, before. */
  #movedAt: number;

  private constructor(transport: Transport, options: ServerOptions<P>, onConnection: ConnectionHandler<P>) {
    const { upgrade } = options;
    this.#transport = transport;
    this.#openedAt = transport.timers.now;
    this.#movedAt = this.#openedAt;
    this.#profile = new ConnectionProfile(options, {
      timers: transport.timers,
      transport: transport.name,
      onEnded: (error, connection: MessageConnection<P>) => this.#forget(connection, error),
    });
    this.#listener = { onConnection };
    this.#admission = new Admission(admissionLimits(options));
    const timeoutMs = handshakeTimeout(options);
    this.#handshakes = upgrade === undefined ? null : new Handshakes(upgrade, timeoutMs, transport.timers);
  }

  /** @internal use `listen` */
  static async open<P>(
    transport: Transport,
    at: Endpoint,
    settings: ListenSettings,
    options: ServerOptions<P>,
    onConnection: ConnectionHandler<P>,
  ): Promise<Server<P>> {
    const server = new Server(transport, options, onConnection);
    server.#listening = await transport.listen(at, settings, {
      onLink: (link) => server.#linked(link),
      onError: (error) => server.#acceptFailed(error),
    });
    return server;
  }

  /** Where it listens. */
  get address(): SocketAddress {
    return this.#listening.address;
  }

  /** What its connections run on. */
  get transport(): TransportName {
    return this.#transport.name;
  }

  /** The connections that have not ended yet. */
  get connections(): ReadonlySet<MessageConnection<P>> {
    return this.#connections;
  }

  /** What is going on, and what has gone on so far. */
  stats(): ServerStats {
    const { now } = this.#transport.timers;
    let traffic = this.#pastTraffic;
    let idleMs = now - this.#movedAt;
    for (const connection of this.#connections) {
      const stats = connection.stats();
      traffic = sumOfTraffic(traffic, stats);
      idleMs = Math.min(idleMs, stats.idleMs);
    }
    return {
      ...traffic,
      connections: this.#connections.size,
      pendingHandshakes: this.#handshakes?.size ?? 0,
      accepted: this.#accepted,
      ended: { ...this.#ended },
      refused: { ...this.#admission.refused },
      failedHandshakes: this.#handshakes?.failed ?? 0,
      cut: this.#cut,
      ageMs: now - this.#openedAt,
      idleMs,
    };
  }

  /** Sends one message to all connections, as `broadcast` does, with the same errors. */
  broadcast(message: Uint8Array, options?: BroadcastOptions): BroadcastResult {
    return broadcast(this.#connections, message, options);
  }

  /**
   * Stops listening, gives up handshakes, and closes every connection gracefully. Those that are not done after `deadlineMs`
   * milliseconds (default 5,000), or when `signal` is aborted, are reset; `cut` says how many. Closing twice is allowed.
   *
   * @throws ConnectionError `ERR_OUT_OF_RANGE`
   */
  async close(options: { deadlineMs?: number; signal?: AbortSignal } = {}): Promise<{ cut: number }> {
    const deadlineMs = expectTimeout("deadlineMs", options.deadlineMs ?? 5_000, 0);
    const { signal } = options;
    this.#listening.close();
    this.#handshakes?.close();
    let cut = 0;
    const cutOff = (errorOf: (connection: MessageConnection<P>) => Error | undefined): void => {
      for (const connection of this.#connections) {
        cut++;
        this.#cut++;
        connection.abort(errorOf(connection));
      }
    };
    const deadline = this.#transport.timers.set(deadlineMs, () => cutOff((late) => closedTooLate(late, deadlineMs)));
    const onAbort = (): void => cutOff(() => signal && errorOf(signal));
    signal?.addEventListener("abort", onAbort, { once: true });
    // A connection's own deadline would come later: who is cut, and counted, is decided here.
    const closing = [...this.#connections].map((connection) => connection.close({ drainTimeoutMs: MAX_TIMEOUT_MS }));
    if (signal?.aborted) onAbort();
    await Promise.all(closing);
    deadline.cancel();
    signal?.removeEventListener("abort", onAbort);
    return { cut };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #acceptFailed(error: Error): void {
    if (this.onError !== null) this.onError(error);
    else if (this.#listening.closed) throw error;
  }

  #linked(link: Link): void {
    const { remoteAddress, stream } = link;
    const refusal = this.#admission.enter(remoteAddress, this.#handshakes?.size ?? 0, this.#transport.timers.now);
    if (refusal !== null) {
      stream.abort();
      this.onError?.(this.#admission.errorOf(refusal, remoteAddress));
    } else if (this.#handshakes === null) {
      this.#introduce(this.#connectionOver(link, undefined));
    } else {
      void this.#upgrade(link, this.#handshakes).catch(throwLater);
    }
  }

  /** @throws what handlers throw */
  async #upgrade(link: Link, handshakes: Handshakes<P>): Promise<void> {
    let connection: MessageConnection<P> | null = null;
    try {
      const upgraded = await handshakes.run(link.stream);
      if (upgraded !== null) connection = this.#connectionOver({ ...link, stream: upgraded.stream }, upgraded.peer);
    } catch (error) {
      link.stream.close();
      this.#admission.handshakeFailed(link.remoteAddress, this.#transport.timers.now);
      this.onError?.(error instanceof Error ? error : new Error(String(error)));
    } finally {
      if (connection === null) this.#admission.leave(link.remoteAddress);
    }
    if (connection !== null) this.#introduce(connection);
  }

  #connectionOver(link: Link, peer: P | undefined): MessageConnection<P> {
    const connection = connectionOver(link, this.#profile, peer);
    this.#connections.add(connection);
    this.#accepted++;
    return connection;
  }

  #forget(connection: MessageConnection<P>, error: Error | undefined): void {
    this.#connections.delete(connection);
    this.#admission.leave(connection.remoteAddress);
    const stats = connection.stats();
    this.#pastTraffic = sumOfTraffic(this.#pastTraffic, stats);
    this.#movedAt = Math.max(this.#movedAt, this.#transport.timers.now - stats.idleMs);
    const code = endCode(error);
    this.#ended[code] = (this.#ended[code] ?? 0) + 1;
  }

  #introduce(connection: MessageConnection<P>): void {
    try {
      this.#listener.onConnection(connection);
    } catch (error) {
      // Nobody looks after it: unread, it would not even notice its peer's end.
      connection.abort(error instanceof Error ? error : undefined);
      throw error;
    }
  }
}

function closedTooLate({ bufferedBytes }: MessageConnection, deadlineMs: number): ConnectionError {
  const message = `close: expected to be done within ${deadlineMs} ms, got ${bufferedBytes} bytes left`;
  return new ConnectionError("ERR_DRAIN_TIMEOUT", message);
}
