import { defaultLoop, type EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { connectionLimits } from "./connection-options.js";
import { expectNumber } from "./errors.js";
import { type Resolver, resolveHost, systemResolver } from "./resolve.js";
import { type ConnectionHandler, Server, type ServerOptions } from "./server.js";

export interface ListenOptions extends ServerOptions {
  /** A local address or a name for one. Default "127.0.0.1": this machine only. */
  readonly host?: string;
  /** 0 lets the system choose; see `server.address.port`. Default 0. */
  readonly port?: number;
  /** Connections that wait to be accepted; the system may cap it. Default 4,096. */
  readonly backlog?: number;
  /** Gives the attempt up while the name is being resolved. */
  readonly signal?: AbortSignal;
  /** Default: the thread's default loop. */
  readonly loop?: EventLoop;
  /** Default: the system's. */
  readonly resolver?: Resolver;
}

/**
 * Listens, and calls `onConnection` for every peer.
 *
 * @throws SystemError `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ...; ConnectionError `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`
 */
export async function listen(options: ListenOptions, onConnection: ConnectionHandler): Promise<Server> {
  const { host = "127.0.0.1", port = 0, backlog = 4096, signal, resolver = systemResolver } = options;
  expectNumber("port", port, 0, 65_535);
  expectNumber("backlog", backlog, 0, 0x7fffffff);
  connectionLimits(options);
  signal?.throwIfAborted();
  const loop = options.loop ?? defaultLoop();
  const [best] = await resolveHost(host, resolver);
  signal?.throwIfAborted();
  const { address, family } = best!;
  const socket = Socket.open("tcp", { family });
  try {
    socket.options.reuseAddress = true;
    socket.bind({ address, port });
    socket.listen(backlog);
    return new Server(loop, socket, options, onConnection);
  } catch (error) {
    socket.close();
    throw error;
  }
}
