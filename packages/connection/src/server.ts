import type { SocketAddress } from "@p2pnet/socket";
import { connectionOver } from "./connect.js";
import { type ConnectionOptions, MAX_TIMEOUT_MS } from "./connection-options.js";
import { ConnectionError, expectInteger, expectNumber } from "./errors.js";
import type { MessageConnection } from "./message-connection.js";
import type { Endpoint, Link, Listening, ListenSettings, Transport, TransportName } from "./transports/transport.js";

/** Called for every peer that connects. */
export type ConnectionHandler = (connection: MessageConnection) => void;

export interface ServerOptions extends ConnectionOptions {
  /** Peers at once; more are turned away with a reset. Default: no bound but the system's. */
  readonly maxConnections?: number;
}

/** @throws ConnectionError `ERR_OUT_OF_RANGE` */
export function connectionsAtMost({ maxConnections = Number.MAX_SAFE_INTEGER }: ServerOptions): number {
  return expectInteger("maxConnections", maxConnections, 1);
}

/** A listening socket and the connections that came in through it. */
export class Server implements AsyncDisposable {
  /**
   * Told what went wrong between connections: a peer turned away (`ERR_TOO_MANY_CONNECTIONS`), or an accept that failed
   * for want of descriptors or memory (`EMFILE`, ...), after which accepting pauses for a moment and goes on. After any
   * other error the server accepts no more; if nobody is told that, it is an uncaught exception.
   */
  onError: ((error: Error) => void) | null = null;
  readonly #transport: Transport;
  readonly #options: ServerOptions;
  readonly #onConnection: ConnectionHandler;
  readonly #maxConnections: number;
  readonly #connections = new Set<MessageConnection>();
  #listening!: Listening;

  private constructor(transport: Transport, options: ServerOptions, onConnection: ConnectionHandler) {
    this.#transport = transport;
    this.#options = options;
    this.#onConnection = onConnection;
    this.#maxConnections = connectionsAtMost(options);
  }

  /** @internal use `listen` */
  static async open(
    transport: Transport,
    at: Endpoint,
    settings: ListenSettings,
    options: ServerOptions,
    onConnection: ConnectionHandler,
  ): Promise<Server> {
    const server = new Server(transport, options, onConnection);
    server.#listening = await transport.listen(at, settings, {
      onLink: (link) => server.#accepted(link),
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
  get connections(): ReadonlySet<MessageConnection> {
    return this.#connections;
  }

  /**
   * Stops listening and closes every connection gracefully. Those that are not done after `deadlineMs` milliseconds
   * (default 5,000) are reset; `cut` says how many. Closing twice is allowed.
   */
  async close(options: { deadlineMs?: number } = {}): Promise<{ cut: number }> {
    const deadlineMs = expectNumber("deadlineMs", options.deadlineMs ?? 5_000, 0, MAX_TIMEOUT_MS);
    this.#listening.close();
    let cut = 0;
    const closing = [...this.#connections].map((connection) => {
      const deadline = this.#transport.timers.set(deadlineMs, () => {
        cut++;
        const message = `close: expected to be done within ${deadlineMs} ms, got ${connection.bufferedBytes} bytes left`;
        connection.abort(new ConnectionError("ERR_DRAIN_TIMEOUT", message));
      });
      // The connection's own deadline would come later: who is cut, and counted, is decided here.
      return connection.close({ drainTimeoutMs: MAX_TIMEOUT_MS }).finally(() => deadline.cancel());
    });
    await Promise.all(closing);
    return { cut };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #acceptFailed(error: Error): void {
    if (this.onError !== null) this.onError(error);
    else if (this.#listening.closed) throw error;
  }

  #accepted(link: Link): void {
    if (this.#connections.size >= this.#maxConnections) {
      link.stream.abort();
      const message = `server: expected at most ${this.#maxConnections} connections, got one more`;
      this.onError?.(new ConnectionError("ERR_TOO_MANY_CONNECTIONS", message));
      return;
    }
    const connection: MessageConnection = connectionOver(this.#transport, link, this.#options, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    try {
      this.#onConnection(connection);
    } catch (error) {
      // Nobody looks after it: unread, it would not even notice its peer's end.
      connection.abort(error instanceof Error ? error : undefined);
      throw error;
    }
  }
}
