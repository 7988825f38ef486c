import type { EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { unlessAborted } from "../abort.js";
import { Accepted } from "./accepted.js";
import type { Endpoint, IpEndpoint, Link, ListenEvents, Listening, ListenSettings, Transport } from "./transport.js";

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
  const socket = openSocket(to, true);
  try {
    // A Unix socket connects at once or not at all: connect(2).
    if ("path" in to) socket.connect(to);
    else await unlessAborted(connected(loop, socket, to), signal);
  } catch (error) {
    socket.close();
    throw error;
  }
  return linkOver(loop, socket);
}

function connected(loop: EventLoop, socket: Socket, to: IpEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    loop.connect(socket, to, { onConnect: resolve, onError: reject });
  });
}

function listenOnSocket(loop: EventLoop, at: Endpoint, settings: ListenSettings, events: ListenEvents): Listening {
  const socket = listeningSocket(at, settings);
  try {
    const address = socket.localAddress;
    const accepted = new Accepted(address);
    const listener = loop.listener(socket, {
      onConnection: (connected) => welcome(loop, connected, accepted, events),
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

/** @throws SystemError as `listen` */
export function listeningSocket(at: Endpoint, settings: ListenSettings): Socket {
  const socket = openSocket(at, settings.ipv6Only);
  try {
    bind(socket, at, settings.reusePort);
    if (socket.kind === "tcp") socket.options.noDelay = true;
    socket.listen(settings.backlog);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function openSocket(at: Endpoint, ipv6Only: boolean): Socket {
  return "path" in at ? Socket.open("unix") : Socket.open("tcp", { family: at.family, ipv6Only });
}

function bind(socket: Socket, at: Endpoint, reusePort: boolean): void {
  if ("path" in at) return socket.bind({ path: at.path, replaceStale: true });
  socket.options.reuseAddress = true;
  if (reusePort) socket.options.reusePort = true;
  socket.bind({ address: at.address, port: at.port });
}

/** Makes a link of a socket that was accepted. */
export function welcome(loop: EventLoop, socket: Socket, accepted: Accepted, events: ListenEvents): void {
  let link: Link;
  try {
    link = linkOver(loop, socket, accepted);
  } catch {
    return; // The peer has reset before it was its turn: there is nobody to tell.
  }
  events.onLink(link);
}

/**
 * The link over a connected socket, which it owns, and closes if it throws.
 *
 * @param accepted what a listener knows of it; nothing of one that has connected by itself
 * @throws SystemError `ECONNRESET`
 */
function linkOver(loop: EventLoop, socket: Socket, accepted?: Accepted): Link {
  try {
    const { remoteAddress } = socket;
    const localAddress = accepted?.localAddressOf(socket) ?? socket.localAddress;
    if (socket.kind === "tcp" && !accepted?.handsDownNoDelay(socket)) socket.options.noDelay = true;
    return { stream: loop.stream(socket), localAddress, remoteAddress };
  } catch (error) {
    // A peer that has reset already has no address any more: the reset is what went wrong.
    const reset = socket.closed ? null : socket.takeError();
    socket.close();
    throw reset ?? error;
  }
}
