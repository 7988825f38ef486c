import {
  connect,
  listen,
  type MessageConnection,
  type Server,
  type ServerStats,
  type TransportName,
} from "@p2pnet/connection";

const LIMIT_MS = 20_000;

/** A server on 127.0.0.1, and clients to keep it busy. */
export class BusyServer implements AsyncDisposable {
  readonly server: Server;
  readonly #transport: TransportName;
  readonly #clients: MessageConnection[] = [];

  /** An echo server that has room for `maxConnections`. */
  static async open(transport: TransportName = "node", maxConnections = 100): Promise<BusyServer> {
    const server = await listen({ transport, maxConnections }, (peer) => {
      peer.onMessage = (message) => peer.send(message);
    });
    return new BusyServer(server, transport);
  }

  private constructor(server: Server, transport: TransportName) {
    this.server = server;
    this.#transport = transport;
  }

  /** A client that has got so many messages of 6 bytes back: 10 bytes each on the wire. */
  async echo(messages = 1): Promise<MessageConnection> {
    const { port } = this.server.address;
    const client = await connect({ host: "127.0.0.1", port, transport: this.#transport });
    this.#clients.push(client);
    let left = messages;
    await new Promise<void>((resolve) => {
      client.onMessage = () => --left === 0 && resolve();
      for (let i = 0; i < messages; i++) client.send(new TextEncoder().encode("hello!"));
    });
    return client;
  }

  /** A client that is turned away. */
  async refused(): Promise<void> {
    const { port } = this.server.address;
    const before = refusals(this.server.stats());
    // The reset may come before the connection can be used.
    const client = await connect({ host: "127.0.0.1", port, transport: this.#transport }).catch(() => null);
    if (client !== null) this.#clients.push(client);
    await this.until("a refusal", (stats) => refusals(stats) === before + 1);
  }

  /** The server has counted something. */
  async until(what: string, condition: (stats: ServerStats) => boolean): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!condition(this.server.stats())) {
      if (performance.now() > deadline) throw new Error(`expected ${what}, got none within ${LIMIT_MS} ms`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.abort();
    await this.server.close();
  }
}

function refusals({ refused }: ServerStats): number {
  return Object.values(refused).reduce((sum, count) => sum + count);
}
