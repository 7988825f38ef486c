import type { Socket } from "node:net";

/**
 * How many bytes of the one write under way, `inFlight` long, the system has not taken yet.
 *
 * `node:net` says so only when it has taken all of them. libuv counts as it goes, which a judge of slow peers needs; Node's
 * own socket timeouts read the same counter.
 */
export function untakenBytes(socket: Socket, inFlight: number): number {
  const { writableLength } = socket;
  if (writableLength === 0) return 0;
  const { writeQueueSize } = (socket as HasHandle)._handle ?? {};
  const handedOver = writableLength === inFlight && !socket.connecting && !("encrypted" in socket);
  return handedOver && typeof writeQueueSize === "number" ? Math.min(writeQueueSize, inFlight) : inFlight;
}

interface HasHandle extends Socket {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Closes with a reset where the socket is TCP and connected, and without one otherwise. */
export function resetSocket(socket: Socket): void {
  // libuv refuses to reset while a shutdown is under way, and Node would lose the handle.
  if (socket.writableEnded && !socket.writableFinished && !socket.destroyed) {
    socket.once("finish", () => resetNow(socket));
  } else {
    resetNow(socket);
  }
}

function resetNow(socket: Socket): void {
  if (socket.connecting) {
    socket.destroy();
    return;
  }
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy(); // Of another kind than TCP.
  }
}

const NOTHING = new Uint8Array(0);

/**
 * Calls `confirmed` unless the end that the socket has told of is a reset: then "error" tells. On a hang-up after a short
 * read libuv says that the peer has finished, and does not ask whether it has reset. Sending nothing asks.
 */
export function confirmEnd(socket: Socket, confirmed: () => void): void {
  if (!isPlainTcp(socket) || !socket.writable) return confirmed();
  socket.write(NOTHING, (error) => {
    if (!error) confirmed();
  });
}

/** Of Unix sockets Node knows no address. */
function isPlainTcp(socket: Socket): boolean {
  return "port" in socket.address() && !("encrypted" in socket);
}
