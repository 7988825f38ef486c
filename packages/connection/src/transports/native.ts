import type { EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { unlessAborted } from "../abort.js";
import { ConnectionError } from "../errors.js";
import type { Endpoint, Link, ListenEvents, Listening, ListenSettings, Transport, UnixEndpoint } from "./transport.js";

/** Sockets of the system on an event loop. */
export function nativeTransport(loop: EventLoop): Transport {
  return {
    name: "native",
    timers: loop.timers,
    connect: (to, signal) => connectSocket(loop, to, signal),
    listen: async (at, settings, events) => listenOnSocket(loop, at, settings, events),
  };
}

async function connectSocket(loop: EventLoop, to: Endpoint, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  expectAddress(to);
  const socket = openSocket(to, true);
  try {
    await unlessAborted(
      new Promise<void>((resolve, reject) => {
        loop.connect(socket, to, { onConnect: resolve, onError: reject });
      }),
      signal,
    );
  } catch (error) {
    socket.close();
    throw error;
  }
  return linkOver(loop, socket);
}

function listenOnSocket(loop: EventLoop, at: Endpoint, settings: ListenSettings, events: ListenEvents): Listening {
  expectAddress(at);
  const socket = openSocket(at, settings.ipv6Only);
  try {
    bind(socket, at, settings.reusePort);
    socket.listen(settings.backlog);
    const address = socket.localAddress;
    const listener = loop.listener(socket, {
      onConnection: (accepted) => welcome(loop, accepted, events),
      onError: (error) => events.onError(error),
    });
    return {
      address,
      get closed() {
        return socket.closed;
      },
      close: () => listener.close(),
    };
  } catch (error) {
    socket.close();
    throw error;
  }
}

type IpEndpoint = Exclude<Endpoint, UnixEndpoint>;

function expectAddress(at: Endpoint): asserts at is IpEndpoint {
  if (!("path" in at)) return;
  throw new ConnectionError("ERR_INVALID_ARG_VALUE", "path: expected transport node for a Unix socket, got native");
}

function openSocket({ family }: IpEndpoint, ipv6Only: boolean): Socket {
  return Socket.open("tcp", { family, ipv6Only });
}

function bind(socket: Socket, { address, port }: IpEndpoint, reusePort: boolean): void {
  socket.options.reuseAddress = true;
  if (reusePort) socket.options.reusePort = true;
  socket.bind({ address, port });
}

function welcome(loop: EventLoop, accepted: Socket, events: ListenEvents): void {
  let link: Link;
  try {
    link = linkOver(loop, accepted);
  } catch {
    return; // The peer has reset before it was its turn: there is nobody to tell.
  }
  events.onLink(link);
}

/** The link over a connected socket, which it owns, and closes if it throws. @throws SystemError `ECONNRESET` */
function linkOver(loop: EventLoop, socket: Socket): Link {
  try {
    const { localAddress, remoteAddress } = socket;
    socket.options.noDelay = true;
    return { stream: loop.stream(socket), localAddress, remoteAddress };
  } catch (error) {
    // A peer that has reset already has no address any more: the reset is what went wrong.
    const reset = socket.closed ? null : socket.takeError();
    socket.close();
    throw reset ?? error;
  }
}
