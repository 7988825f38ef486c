import { Socket } from "@p2pnet/socket";
import { ReadyList } from "../../src/backend.js";
import { createBackend } from "../../src/backends/select.js";
import { type BackendName, READABLE, WRITABLE } from "../../src/index.js";
import { connectTo, deafPort, listening } from "./sockets.js";

/** So long the loopback may take. */
const LIMIT_MS = 1_000;

/**
 * Whether a reset is still told by `recv` once the backend has reported it. What stands in for a system may not: libkqueue
 * takes the error itself, and Wine makes an end of it.
 */
export function tellsResets(backend: BackendName): boolean {
  const listener = listening();
  const [near, far] = connectTo(listener);
  listener.close();
  far.abort();
  try {
    report(backend, near, READABLE);
    return near.recv(new Uint8Array(1)) !== 0;
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
  report(backend, socket, WRITABLE);
  const error = socket.takeError();
  socket.close();
  deaf.close();
  return error !== null;
}

/** Returns when the backend has said that the socket is ready. */
function report(name: BackendName, socket: Socket, interest: number): void {
  const backend = createBackend(name);
  if (backend.style === "waiting") {
    const ready = new ReadyList();
    backend.add({ handle: socket.handle, sequence: 1, interest });
    backend.wait(LIMIT_MS, ready);
  }
  backend.close();
}
