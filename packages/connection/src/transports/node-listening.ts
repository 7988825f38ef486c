import { once } from "node:events";
import { createServer, type ListenOptions, type Server } from "node:net";
import type { SocketAddress } from "@p2pnet/socket";
import { ConnectionError } from "../errors.js";
import { ipAddress, linkToClient, unixAddress } from "./node-link.js";
import { removeStalePath } from "./node-stale-path.js";
import type { Endpoint, ListenEvents, Listening, ListenSettings } from "./transport.js";

/**
 * Listens with a server of `node:net`.
 *
 * @throws SystemError in Node's own words; ConnectionError `ERR_INVALID_ARG_VALUE` for `reusePort` where Node has no such option
 */
export async function listenOnNode(at: Endpoint, settings: ListenSettings, events: ListenEvents): Promise<Listening> {
  if (settings.reusePort) expectReusePort();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  await listening(
    server,
    "path" in at ? { path: at.path, backlog: settings.backlog } : { host: at.address, port: at.port, ...settings },
  );
  const address = addressOf(server);
  server.on("error", (error) => events.onError(error));
  server.on("connection", (socket) => {
    const link = linkToClient(socket, address);
    if (link !== null) return events.onLink(link);
    // The peer has reset before it was its turn: there is nobody to tell.
    socket.on("error", () => {}).destroy();
  });
  return {
    address,
    get closed() {
      return !server.listening;
    },
    close: () => void server.close(),
  };
}

async function listening(server: Server, options: ListenOptions): Promise<void> {
  try {
    await once(server.listen(options), "listening");
  } catch (error) {
    const { path } = options;
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (!taken || path === undefined || !(await removeStalePath(path))) throw error;
    await once(server.listen(options), "listening");
  }
}

function addressOf(server: Server): SocketAddress {
  const address = server.address();
  if (address === null || typeof address === "string") return unixAddress(address ?? "");
  return ipAddress(address.address, address.port, address.family);
}

/** Others would bind without it, and not say so. Source: the Node documentation of `server.listen`. */
function expectReusePort(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  const message = `reusePort: expected Node 22.12 or 23.1 with transport node, got ${process.versions.node}`;
  throw new ConnectionError("ERR_INVALID_ARG_VALUE", message);
}
