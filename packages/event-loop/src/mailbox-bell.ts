import { Socket } from "@p2pnet/socket";
import { type System, systemError } from "@p2pnet/sys";

const RING = new Uint8Array(1);

/**
 * A UDP socket on the loopback that is connected to itself: a byte sent on its handle, from any thread, makes it readable
 * for whoever watches it. The same on every system, and nobody else's datagrams reach it.
 *
 * @throws SystemError as socket(2), bind(2), connect(2)
 */
export function openBell(): Socket {
  const socket = Socket.open("udp");
  try {
    socket.bind({ address: "127.0.0.1", port: 0 });
    socket.connect(socket.localAddress);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Rings the bell of that handle, which must be open.
 *
 * @throws SystemError as send(2): `ENOBUFS`, `EBADF`, ...
 */
export function ring(system: System, handle: number): void {
  const result = system.sendBytes(handle, RING);
  // No room means that rings lie there unread.
  if (result < 0 && -result !== system.constants.EAGAIN) throw systemError("send", -result);
}
