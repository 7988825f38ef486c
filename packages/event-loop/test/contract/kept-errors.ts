import { Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { ReadyList } from "../../src/backend.js";
import { createBackend } from "../../src/backends/select.js";
import { type BackendName, READABLE, WRITABLE } from "../../src/index.js";
import { connectedPair, deafPort } from "./sockets.js";

/** So long the loopback may take: Windows asks for two seconds before it believes that nobody listens. */
const LIMIT_MS = 20_000;

/**
 * Whether a reset is still told by `recv` once the backend has reported it. What stands in for a system may not: libkqueue
 * takes the error itself, and Wine makes an end of it.
 */
export function tellsResets(backend: BackendName): boolean {
  const [near, far] = connectedPair();
  far.abort();
  const tellsEnd = (): boolean | null => {
    const received = near.recv(new Uint8Array(1));
    return received === WOULD_BLOCK ? null : received === 0;
  };
  try {
    return afterReport(backend, near, READABLE, tellsEnd) !== true;
  } catch {
    return true;
  } finally {
    near.close();
  }
}

/** Whether a refused connect is still told by `takeError` once the backend has reported it. */
export function tellsRefusals(backend: BackendName): boolean {
  const { socket: deaf, port } = deafPort();
  const socket = Socket.open("tcp");
  socket.connect({ address: "127.0.0.1", port });
  const error = afterReport(backend, socket, WRITABLE, () => socket.takeError());
  socket.close();
  deaf.close();
  return error !== null;
}

/** What `look` finds when the backend has said that the socket is ready. */
function afterReport<T>(name: BackendName, socket: Socket, interest: number, look: () => T | null): T | null {
  const backend = createBackend(name);
  const deadline = performance.now() + LIMIT_MS;
  if (backend.style === "waiting") {
    const ready = new ReadyList();
    backend.add({ handle: socket.handle, sequence: 1, interest });
    backend.wait(LIMIT_MS, ready);
  }
  backend.close();
  // One that pushes would say so only later, and takes nothing from the socket.
  let found = look();
  while (backend.style === "pushing" && found === null && performance.now() < deadline) found = look();
  return found;
}
