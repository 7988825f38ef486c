import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import {
  type ConnectionHandler,
  type ConnectSettings,
  connect,
  type ListenOptions,
  listen,
  type MessageConnection,
  type Server,
  type TransportName,
} from "@p2pnet/connection";
import type { CipherName } from "../src/ciphers/cipher.js";
import { type SecureOptions, type SecurePeer, secure, type Upgrade } from "../src/index.js";
import { alice, bob } from "./sessions.js";

/** What carries messages, and what seals them. */
export interface Stack {
  readonly transport: TransportName;
  readonly cipher: CipherName;
}

/** Each transport, each cipher. */
export const STACKS: readonly Stack[] = [
  { transport: "native", cipher: "libcrypto" },
  { transport: "native", cipher: "node" },
  { transport: "node", cipher: "libcrypto" },
  { transport: "node", cipher: "node" },
];

/** Whoever its peers are. */
type AnyServer = Pick<Server, "address">;
export type SecureConnection = MessageConnection<SecurePeer>;
export type SecureServer = Server<SecurePeer>;

/** Servers of Bob and connections of Alice, each pinned to the other, and others that know nothing of either. */
export class SecureNetwork {
  /** What servers told. */
  readonly errors: (Error & { code?: string })[] = [];
  readonly #stack: Stack;
  readonly #connections: { abort(): void }[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets: Socket[] = [];

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** @param security differs from Bob's, who lets in Alice alone */
  listen(
    onConnection: ConnectionHandler<SecurePeer>,
    options: ListenOptions<SecurePeer> = {},
    security: Partial<SecureOptions> = {},
  ): Promise<SecureServer> {
    const upgrade = this.upgrade({ identity: bob, verify: alice.peerId, ...security });
    return this.#listen({ ...options, upgrade }, onConnection);
  }

  listenPlain(onConnection: ConnectionHandler<null>): Promise<Server<null>> {
    return this.#listen<null>({}, onConnection);
  }

  /** @param security differs from Alice's, who talks to Bob alone */
  connect(
    to: AnyServer,
    options: ConnectSettings<SecurePeer> = {},
    security: Partial<SecureOptions> = {},
  ): Promise<SecureConnection> {
    const upgrade = this.upgrade({ identity: alice, verify: bob.peerId, ...security });
    return this.#connect<SecurePeer>(to, { ...options, upgrade });
  }

  connectPlain(to: AnyServer, options: ConnectSettings<null> = {}): Promise<MessageConnection<null>> {
    return this.#connect<null>(to, options);
  }

  upgrade(options: SecureOptions): Upgrade {
    return secure({ cipher: this.#stack.cipher, ...options });
  }

  /** A socket of `node:net` that says nothing by itself. */
  async socket(to: AnyServer): Promise<Socket> {
    const socket = connectSocket({ host: "127.0.0.1", port: to.address.port });
    socket.on("error", () => {}); // Most are reset.
    this.#sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.splice(0)) connection.abort();
    for (const socket of this.#sockets.splice(0)) socket.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => server.close({ deadlineMs: 0 })));
  }

  async #listen<P>(options: ListenOptions<P>, onConnection: ConnectionHandler<P>): Promise<Server<P>> {
    const server = await listen<P>({ transport: this.#stack.transport, ...options }, onConnection);
    server.onError = (error) => void this.errors.push(error);
    this.#servers.push(server);
    return server;
  }

  async #connect<P>(to: AnyServer, options: ConnectSettings<P>): Promise<MessageConnection<P>> {
    const { transport } = this.#stack;
    const connection = await connect<P>({ transport, host: "127.0.0.1", port: to.address.port, ...options });
    this.#connections.push(connection);
    return connection;
  }
}
