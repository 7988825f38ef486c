import { replaceSystem, system } from "@p2pnet/sys";
import { expect, it } from "vitest";
import { DatagramBatch, type Socket, type SocketAddress, type SocketOptions } from "../../src/index.js";
import { handlesAreDescriptors } from "../capabilities.js";
import { errorOf, type Loopback } from "../loopback.js";

/** What a closed socket does: nothing. */
export function closedContract(current: () => Loopback): void {
  it("throws ERR_SOCKET_CLOSED when it is used after that", () => {
    const [socket] = current().pair();
    const { localAddress, options } = socket;
    socket.close();
    for (const [name, use] of Object.entries(uses(socket, localAddress, options))) {
      expect(errorOf(use), name).toMatchObject({
        name: "SocketError",
        code: "ERR_SOCKET_CLOSED",
        message: "socket: expected an open one, got a closed one",
      });
    }
  });

  it.runIf(handlesAreDescriptors)("touches no other socket that got the same handle", () => {
    const original = system();
    const handles: number[] = [];
    // Whatever is called with a handle is noted.
    const watched = Object.fromEntries(
      Object.entries(original).map(([name, call]: [string, unknown]) => {
        if (typeof call !== "function") return [name, call];
        const noted = (handle: number, ...rest: unknown[]): unknown => {
          handles.push(handle);
          return call(handle, ...rest);
        };
        return [name, noted];
      }),
    ) as unknown as typeof original;
    replaceSystem(watched);
    try {
      const [socket] = current().pair();
      const { handle, localAddress, options } = socket;
      socket.close();
      const other = openWithHandle(handle, current());

      handles.length = 0;
      for (const use of Object.values(uses(socket, localAddress, options))) errorOf(use);
      socket.close();
      socket.abort();
      expect(handles).toEqual([]);
      expect(other.closed).toBe(false);
      expect(other.localAddress).toMatchObject({ family: current().family });
    } finally {
      replaceSystem(original);
    }
  });
}

/** Everything that needs an open socket. */
function uses(socket: Socket, address: SocketAddress, options: SocketOptions): { [name: string]: () => unknown } {
  const memory = new Uint8Array(4);
  const native = { bytes: memory, address: 0 };
  return {
    handle: () => socket.handle,
    bind: () => socket.bind(address),
    listen: () => socket.listen(),
    accept: () => socket.accept(),
    connect: () => socket.connect(address),
    recv: () => socket.recv(memory),
    recvInto: () => socket.recvInto(native, 0, 4),
    peek: () => socket.peek(memory),
    send: () => socket.send(memory),
    sendFrom: () => socket.sendFrom(native, 0, 4),
    sendGathered: () => socket.sendGathered(0),
    shutdown: () => socket.shutdown(),
    setNonBlocking: () => socket.setNonBlocking(true),
    takeError: () => socket.takeError(),
    localAddress: () => socket.localAddress,
    remoteAddress: () => socket.remoteAddress,
    detach: () => socket.detach(),
    claim: () => socket.claim({ release: () => {} }),
    options: () => socket.options.keepAlive,
    "options kept from before": () => options.keepAlive,
    "options to be set": () => {
      options.keepAlive = true;
    },
    ...(socket.kind === "udp" && datagramUses(socket, address)),
  };
}

function datagramUses(socket: Socket, address: SocketAddress): { [name: string]: () => unknown } {
  const batch = new DatagramBatch();
  return {
    recvFrom: () => socket.recvFrom(new Uint8Array(4)),
    sendTo: () => socket.sendTo(new Uint8Array(4), address),
    recvBatch: () => socket.recvBatch(batch),
    sendBatch: () => socket.sendBatch(batch),
    joinGroup: () => socket.joinGroup(socket.family === 4 ? "239.0.0.1" : "ff02::1"),
    leaveGroup: () => socket.leaveGroup(socket.family === 4 ? "239.0.0.1" : "ff02::1"),
  };
}

/** Opens sockets until one gets that handle: the system gives the lowest that is free. */
function openWithHandle(handle: number, loopback: Loopback): Socket {
  for (;;) {
    const socket = loopback.open();
    if (socket.handle === handle) return socket;
    if (socket.handle > handle) throw new Error(`open: expected the handle ${handle}, got ${socket.handle}`);
  }
}
