import { replaceSystem, system } from "@p2pnet/sys";
import { expect, it } from "vitest";
import { Socket, type SocketOptions } from "../../src/index.js";
import { bytes, errorOf, type Loopback, receive, receiveOutcome, text, waitFor } from "../loopback.js";

/** Shutting down, resetting, closing, and what a closed socket does. */
export function closingContract(current: () => Loopback): void {
  it("shuts down writing: the peer reads what was sent, then the end, and may go on sending", () => {
    const [left, right] = current().pair();
    left.send(bytes("last words"));
    left.shutdown();
    expect(text(receive(right, 10))).toBe("last words");
    expect(receiveOutcome(right)).toBe(0);

    right.send(bytes("answer"));
    expect(text(receive(left, 6))).toBe("answer");
    const error = errorOf(() => left.send(bytes("more")));
    expect(error).toMatchObject({ code: "EPIPE", syscall: "write" });
    expect(left.raised(error)).toBe(true);
  });

  it("shuts down reading: its own end comes at once", () => {
    const [left] = current().pair();
    left.shutdown("read");
    expect(left.recv(new Uint8Array(1))).toBe(0);
  });

  it("shuts down both ways", () => {
    const [left, right] = current().pair();
    left.shutdown("both");
    expect(left.recv(new Uint8Array(1))).toBe(0);
    expect(receiveOutcome(right)).toBe(0);
  });

  it("shuts down only when connected, in a way that there is", () => {
    const socket = current().open();
    expect(() => socket.shutdown()).toThrow(expect.objectContaining({ code: "ENOTCONN", syscall: "shutdown" }));
    expect(() => socket.shutdown("everything" as "both")).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_ARG_VALUE",
        message: "how: expected read or write or both, got everything",
      }),
    );
  });

  it("resets when aborted: the peer gets ECONNRESET", () => {
    const [left, right] = current().pair();
    left.abort();
    expect(left.closed).toBe(true);
    const error = errorOf(() => receiveOutcome(right));
    expect(error).toMatchObject({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" });
    expect(right.raised(error)).toBe(true);
    expect(left.raised(error)).toBe(false);
    expect(right.raised(null)).toBe(false);
  });

  it("gives what arrived before a reset, then the error", () => {
    const [left, right] = current().pair();
    left.send(bytes("data"));
    waitFor(right, "readable");
    left.abort();
    expect(text(receive(right, 4))).toBe("data");
    expect(() => receiveOutcome(right)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
    expect(receiveOutcome(right)).toBe(0);
  });

  it("gives the error of a reset to whoever asks first, once", () => {
    const [left, right] = current().pair();
    left.abort();
    waitFor(right, "readable");
    expect(right.takeError()).toMatchObject({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" });
    expect(right.takeError()).toBeNull();
  });

  it("fails to send to a peer that has reset, without a signal", () => {
    const [left, right] = current().pair();
    left.abort();
    waitFor(right, "readable");
    expect(() => right.send(bytes("x"))).toThrow(expect.objectContaining({ code: "ECONNRESET", syscall: "write" }));
    expect(() => right.send(bytes("x"))).toThrow(expect.objectContaining({ code: "EPIPE", syscall: "write" }));
  });

  it("resets when closed with unread input", () => {
    const [left, right] = current().pair();
    right.send(bytes("unread"));
    waitFor(left, "readable");
    left.close();
    expect(() => receiveOutcome(right)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
  });

  it("still sends what the system took when it is closed, then the end", () => {
    const [left, right] = current().pair();
    const sent = left.send(new Uint8Array(100_000));
    left.close();
    expect(receive(right, sent).length).toBe(sent);
    expect(receiveOutcome(right)).toBe(0);
  });

  it("may be closed and aborted again and again", () => {
    const [left] = current().pair();
    left.close();
    left.close();
    left.abort();
    expect(left.closed).toBe(true);
  });

  it("aborts before it is connected, too", () => {
    const socket = current().open();
    socket.abort();
    expect(socket.closed).toBe(true);
  });

  it("is closed when its scope ends", () => {
    const socket = current().open();
    socket[Symbol.dispose]();
    expect(socket.closed).toBe(true);
    socket[Symbol.dispose]();
  });

  it("throws ERR_SOCKET_CLOSED when it is used after that", () => {
    const [socket] = current().pair();
    const { localAddress, options } = socket;
    socket.close();
    for (const [name, use] of Object.entries(uses(localAddress, options))) {
      const error = errorOf(() => use(socket));
      expect(error, name).toMatchObject({
        name: "SocketError",
        code: "ERR_SOCKET_CLOSED",
        message: "socket: expected an open one, got a closed one",
      });
    }
  });

  it("touches no other socket that got the same handle", () => {
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
      for (const use of Object.values(uses(localAddress, options))) errorOf(() => use(socket));
      socket.close();
      socket.abort();
      expect(handles).toEqual([]);
      expect(other.closed).toBe(false);
      expect(other.options.type).toBe(original.constants.SOCK_STREAM);
    } finally {
      replaceSystem(original);
    }
  });

  it("closes a listener: who waits is reset, who comes is refused", () => {
    const listener = current().listener();
    const { localAddress } = listener;
    const waiting = current().open();
    current().connect(waiting, localAddress);
    listener.close();
    expect(() => receiveOutcome(waiting)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
    expect(() => current().connect(current().open(), localAddress)).toThrow(
      expect.objectContaining({ code: "ECONNREFUSED" }),
    );
  });

  it("can be opened again at an address whose connections linger, with reuseAddress", () => {
    const listener = current().open();
    // Accepted sockets take it over, and so does what lingers of them.
    listener.options.reuseAddress = true;
    listener.bind({ address: current().host, port: 0 });
    listener.listen();
    const { localAddress } = listener;
    const left = current().open();
    current().connect(left, localAddress);
    const right = current().accept(listener);
    right.close();
    expect(receiveOutcome(left)).toBe(0);
    left.close();
    listener.close();

    expect(() => current().open().bind(localAddress)).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
    const again = current().open();
    again.options.reuseAddress = true;
    again.bind(localAddress);
    again.listen();
    expect(again.localAddress).toEqual(localAddress);
  });
}

/** Everything that needs an open socket. */
function uses(
  address: { address: string; port: number },
  options: SocketOptions,
): { [name: string]: (socket: Socket) => unknown } {
  const memory = new Uint8Array(4);
  const native = { bytes: memory, address: 0 };
  return {
    handle: (socket) => socket.handle,
    bind: (socket) => socket.bind(address),
    listen: (socket) => socket.listen(),
    accept: (socket) => socket.accept(),
    connect: (socket) => socket.connect(address),
    recv: (socket) => socket.recv(memory),
    recvInto: (socket) => socket.recvInto(native, 0, 4),
    peek: (socket) => socket.peek(memory),
    send: (socket) => socket.send(memory),
    sendFrom: (socket) => socket.sendFrom(native, 0, 4),
    sendGathered: (socket) => socket.sendGathered(0),
    shutdown: (socket) => socket.shutdown(),
    setNonBlocking: (socket) => socket.setNonBlocking(true),
    takeError: (socket) => socket.takeError(),
    localAddress: (socket) => socket.localAddress,
    remoteAddress: (socket) => socket.remoteAddress,
    detach: (socket) => socket.detach(),
    claim: (socket) => socket.claim({ release: () => {} }),
    options: (socket) => socket.options.noDelay,
    "options kept from before": () => options.keepAlive,
    "options to be set": () => {
      options.noDelay = true;
    },
  };
}

/** Opens sockets until one gets that handle: the system gives the lowest that is free. */
function openWithHandle(handle: number, loopback: Loopback): Socket {
  for (;;) {
    const socket = loopback.keep(Socket.open("tcp", { family: loopback.family }));
    if (socket.handle === handle) return socket;
    if (socket.handle > handle) throw new Error(`open: expected the handle ${handle}, got ${socket.handle}`);
  }
}
