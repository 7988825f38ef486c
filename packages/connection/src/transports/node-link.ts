import type { Socket } from "node:net";
import type { SocketAddress } from "@p2pnet/socket";
import { streamOverNodeSocket } from "./node-stream.js";
import type { Endpoint, Link } from "./transport.js";

/** The link to a server that was connected to at `to`. */
export function linkToServer(socket: Socket, to: Endpoint): Link {
  if ("path" in to) return linkOver(socket, unixAddress(""), unixAddress(to.path));
  // A server that has reset already has no address any more: its stream will tell.
  return linkOver(socket, localAddressOf(socket), remoteAddressOf(socket) ?? to);
}

/** The link to a client of a server at `at`, or null if it has reset already. */
export function linkToClient(socket: Socket, at: SocketAddress): Link | null {
  if (at.family === "unix") return linkOver(socket, at, unixAddress(""));
  const remoteAddress = remoteAddressOf(socket);
  return remoteAddress === null ? null : linkOver(socket, localAddressOf(socket), remoteAddress);
}

/** The address of a Unix socket; "" is that of one without a name. */
export function unixAddress(path: string): SocketAddress {
  return { family: "unix", address: path, port: 0 };
}

/** An address as Node tells it. */
export function ipAddress(address: string, port: number, family: string | undefined): SocketAddress {
  return { family: family === "IPv6" ? 6 : 4, address, port };
}

function localAddressOf({ localAddress, localPort = 0, localFamily }: Socket): SocketAddress | null {
  return localAddress === undefined ? null : ipAddress(localAddress, localPort, localFamily);
}

function remoteAddressOf({ remoteAddress, remotePort = 0, remoteFamily }: Socket): SocketAddress | null {
  return remoteAddress === undefined ? null : ipAddress(remoteAddress, remotePort, remoteFamily);
}

function linkOver(socket: Socket, localAddress: SocketAddress | null, remoteAddress: SocketAddress): Link {
  keepProcessWhileOpen(socket);
  return { stream: streamOverNodeSocket(socket), localAddress, remoteAddress };
}

/** An open connection keeps the process running, as on an event loop. To Node, a socket that is not read does not count. */
function keepProcessWhileOpen(socket: Socket): void {
  const keeping = setInterval(() => {}, 0x7fffffff);
  socket.once("close", () => clearInterval(keeping));
}
