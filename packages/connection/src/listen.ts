import { defaultLoop, type EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { unlessAborted } from "./abort.js";
import { connectionLimits } from "./connection-options.js";
import { expectInteger, expectString } from "./errors.js";
import { type Resolver, resolveHost, systemResolver } from "./resolve.js";
import { type ConnectionHandler, connectionsAtMost, Server, type ServerOptions } from "./server.js";

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
 * @throws SystemError `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, ...; ConnectionError `ERR_HOST_UNRESOLVED`, `ERR_OUT_OF_RANGE`,
 * `ERR_INVALID_ARG_TYPE`; the signal's reason
 */
export async function listen(options: ListenOptions, onConnection: ConnectionHandler): Promise<Server> {
  const { host = "127.0.0.1", port = 0, backlog = 4096, signal, resolver = systemResolver } = options;
  expectString("host", host);
  expectInteger("port", port, 0, 65_535);
  expectInteger("backlog", backlog, 0, 0x7fffffff);
  connectionLimits(options);
  connectionsAtMost(options);
  signal?.throwIfAborted();
  const loop = options.loop ?? defaultLoop();
  const resolving = resolveHost(host, resolver);
  const [best] = await (signal === undefined ? resolving : unlessAborted(resolving, signal));
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
