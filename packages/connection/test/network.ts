import { isIPv6 } from "node:net";
import { type BackendName, EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { ManualClock } from "@p2pnet/stream";
import { expect } from "vitest";
import {
  type ConnectionHandler,
  type ConnectSettings,
  connect,
  type ListenOptions,
  listen,
  type MessageConnection,
  type Server,
  type TcpTarget,
} from "../src/index.js";
import { openSockets } from "./descriptors.js";
import { RawPeer } from "./raw-peer.js";
import { turns, until } from "./until.js";

type Target = ConnectSettings & TcpTarget;

/** Servers and connections on one loop, whose clock stands still. What a test leaves open is an error. */
export class Network {
  readonly loop: EventLoop;
  /** What handlers threw. */
  readonly uncaught: unknown[] = [];
  readonly #clock = new ManualClock();
  readonly #socketsBefore = openSockets();
  readonly #servers: Server[] = [];
  readonly #connections: MessageConnection[] = [];
  readonly #sockets: Socket[] = [];

  constructor(backend: BackendName) {
    const onUncaught = (error: unknown): void => void this.uncaught.push(error);
    this.loop = new EventLoop({ backend, clock: this.#clock, autoRun: true, onUncaught });
  }

  async listen<P = null>(
    options: ListenOptions<P> = {},
    onConnection: ConnectionHandler<P> = consume,
  ): Promise<Server<P>> {
    const server = await listen({ loop: this.loop, ...options }, onConnection);
    this.#servers.push(server);
    return server;
  }

  async connect<P = null>(
    to: Server | Target,
    options: Partial<TcpTarget> & ConnectSettings<P> = {},
  ): Promise<MessageConnection<P>> {
    const target: TcpTarget = "address" in to ? { host: to.address.address, port: to.address.port } : to;
    const connection = await connect<P>({ loop: this.loop, ...target, ...options });
    this.#connections.push(connection);
    return connection;
  }

  /** A peer of `server` that moves bytes by hand. @param address one of the server's, if it has several */
  rawPeer(server: Server, address: string = server.address.address): RawPeer {
    const { port } = server.address;
    const socket = Socket.open("tcp", { family: isIPv6(address) ? 6 : 4 });
    this.#sockets.push(socket);
    socket.setNonBlocking(false);
    socket.connect({ address, port });
    socket.setNonBlocking(true);
    return new RawPeer(this.loop.stream(socket));
  }

  /** A port of 127.0.0.1 that refuses connections. */
  refusingPort(): number {
    const bound = this.#keep(Socket.open("tcp"));
    bound.bind({ address: "127.0.0.1", port: 0 });
    return bound.localAddress.port;
  }

  /** A port of 127.0.0.1 that does not answer, for its queue is full. */
  silentPort(): number {
    const listening = this.#keep(Socket.open("tcp"));
    listening.bind({ address: "127.0.0.1", port: 0 });
    listening.listen(0);
    for (let i = 0; i < 3; i++) this.#keep(Socket.open("tcp")).connect(listening.localAddress);
    return listening.localAddress.port;
  }

  /** How many sockets are open beyond those that were when this was made. */
  get openSockets(): number {
    return openSockets() - this.#socketsBefore;
  }

  pass(ms: number): void {
    this.#clock.advance(ms);
    this.loop.wake();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.abort();
    for (const server of this.#servers) {
      for (const connection of server.connections) connection.abort();
      await server.close();
    }
    for (const socket of this.#sockets) socket.close();
    await turns(3);
    expect(this.uncaught, "what handlers threw").toEqual([]);
    expect([this.loop.size, this.loop.timers.size], "sockets and timers of the loop").toEqual([0, 0]);
    await until("all sockets to be closed", () => this.openSockets === 0);
    this.loop.close();
  }

  #keep(socket: Socket): Socket {
    this.#sockets.push(socket);
    return socket;
  }
}

const consume = (peer: MessageConnection): void => {
  peer.onMessage = () => {};
};
