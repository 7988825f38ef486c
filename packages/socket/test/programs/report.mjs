import { Socket } from "@p2pnet/socket";

/** A UDP socket that waits up to a second for what must come. */
export function udp(family, bindTo) {
  const socket = Socket.open("udp", { family });
  socket.options.reuseAddress = true;
  socket.setNonBlocking(false);
  socket.options.receiveTimeoutMs = 1_000;
  if (bindTo !== undefined) socket.bind(bindTo);
  return socket;
}

/** The next datagram as text, and whom it came from. */
export function next(socket) {
  const into = new Uint8Array(100);
  const datagram = socket.recvFrom(into);
  if (datagram === null) return null;
  return { text: new TextDecoder().decode(into.subarray(0, datagram.length)), from: datagram.from };
}

/** What a call returns, or the error that it throws. */
export function outcome(call) {
  try {
    return call() ?? null;
  } catch ({ code, syscall, message }) {
    return { code, syscall, message };
  }
}

export const bytes = (text) => new TextEncoder().encode(text);
