import { closeSync, openSync } from "node:fs";
import { replaceSystem, system } from "@p2pnet/sys";
import { expect, it } from "vitest";
import { Socket, type SocketOwner, WOULD_BLOCK } from "../../src/index.js";
import { bytes, errorOf, type Loopback, receive, text } from "../loopback.js";

/** Whose a socket is: its handle, and its place in an event loop. */
export function ownershipContract(current: () => Loopback): void {
  const nobody: SocketOwner = { release: () => {} };

  it("gives its handle away, and counts as closed then", () => {
    const [left, right] = current().pair();
    const { handle } = left;
    expect(left.detach()).toBe(handle);
    expect(left.closed).toBe(true);
    left.close();
    left.abort();
    expect(() => left.detach()).toThrow(expect.objectContaining({ code: "ERR_SOCKET_CLOSED" }));

    // Still open.
    const again = current().keep(Socket.fromHandle(handle));
    again.send(bytes("still here"));
    expect(text(receive(right, 10))).toBe("still here");
  });

  it("is made of a handle, non-blocking, and knows its family", () => {
    const [left, right] = current().pair();
    const { remoteAddress } = left;
    left.setNonBlocking(false);
    const socket = current().keep(Socket.fromHandle(left.detach()));
    expect(socket).toMatchObject({ kind: "tcp", family: current().family, closed: false });
    expect(socket.remoteAddress).toEqual(remoteAddress);
    expect(right.remoteAddress).toEqual(socket.localAddress);
    socket.options.receiveTimeoutMs = 0;
    expect(socket.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  it("is made of a listener's handle", () => {
    const listener = current().keep(Socket.fromHandle(current().listener().detach()));
    const client = current().open();
    current().connect(client, listener.localAddress);
    expect(current().accept(listener).remoteAddress).toEqual(client.localAddress);
  });

  it("is not made of a handle that is none, or no socket's", () => {
    const { handle } = current().open();
    expect(() => Socket.fromHandle(1_000_000)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "getsockname" }),
    );
    const file = openSync("/dev/null", "r");
    expect(() => Socket.fromHandle(file)).toThrow(
      expect.objectContaining({ code: "ENOTSOCK", syscall: "getsockname" }),
    );
    closeSync(file);
    // The FFI library would cut the last to the number of an open handle.
    for (const number of [-1, 1.5, Number.NaN, 2 ** 32 + handle]) {
      expect(() => Socket.fromHandle(number)).toThrow(
        expect.objectContaining({
          code: "ERR_OUT_OF_RANGE",
          message: `handle: expected an integer from 0 to 2147483647, got ${number}`,
        }),
      );
    }
  });

  it("is not made of another kind of socket's handle, which stays as it was", () => {
    const sys = system();
    const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = sys.constants;
    const inet = current().family === 4 ? AF_INET : AF_INET6;
    const calls = { setNonBlocking: 0, close: 0 };
    replaceSystem({
      ...sys,
      setNonBlocking: (handle, enabled) => {
        calls.setNonBlocking++;
        return sys.setNonBlocking(handle, enabled);
      },
      close: (handle) => {
        calls.close++;
        return sys.close(handle);
      },
    });
    try {
      const datagram = sys.socket(inet, SOCK_DGRAM, 0);
      expect(errorOf(() => Socket.fromHandle(datagram))).toMatchObject({
        name: "SocketError",
        code: "ERR_INVALID_ARG_VALUE",
        message: "handle: expected a stream socket, got one of another type",
      });
      const unix = sys.socket(AF_UNIX, SOCK_STREAM, 0);
      expect(errorOf(() => Socket.fromHandle(unix))).toMatchObject({
        name: "SocketError",
        code: "ERR_INVALID_ARG_VALUE",
        message: "handle: expected an IPv4 or IPv6 socket, got one of another family",
      });
      expect(calls).toEqual({ setNonBlocking: 0, close: 0 });
      sys.close(datagram);
      sys.close(unix);
    } finally {
      replaceSystem(sys);
    }
  });

  it("has one owner at most", () => {
    const socket = current().open();
    socket.claim(nobody);
    const expected = expect.objectContaining({
      name: "SocketError",
      code: "ERR_SOCKET_IN_USE",
      message: "socket: expected one that no event loop watches, got one in use",
    });
    expect(() => socket.claim({ release: () => {} })).toThrow(expected);
    expect(() => socket.claim(nobody)).toThrow(expected);

    socket.disown({ release: () => {} });
    expect(() => socket.claim(nobody), "another owner cannot give up the claim").toThrow(expected);
    socket.disown(nobody);
    socket.claim(nobody);
  });

  it.each(["close", "abort", "detach"] as const)("is let go of before %s", (leave) => {
    const socket = current().open();
    const { handle } = socket;
    const released: { socket: Socket; handle: number }[] = [];
    socket.claim({ release: (which) => released.push({ socket: which, handle: which.handle }) });
    socket[leave]();
    // Its handle was still open, so that a loop could take it out of its set.
    expect(released).toEqual([{ socket, handle }]);
    expect(socket.closed).toBe(true);
    if (leave === "detach") system().close(handle);
  });

  it("is not let go of by a former owner", () => {
    const socket = current().open();
    let released = 0;
    const owner: SocketOwner = { release: () => released++ };
    socket.claim(owner);
    socket.disown(owner);
    socket.close();
    expect(released).toBe(0);
  });

  it("is closed once, even if its owner closes it while letting go", () => {
    const sys = system();
    const closed: number[] = [];
    replaceSystem({
      ...sys,
      close: (handle) => {
        closed.push(handle);
        return sys.close(handle);
      },
    });
    try {
      const socket = current().open();
      const { handle } = socket;
      socket.claim({ release: () => socket.close() });
      socket.close();
      expect(closed).toEqual([handle]);

      const given = current().open();
      given.claim({ release: () => given.close() });
      expect(() => given.detach()).toThrow(expect.objectContaining({ code: "ERR_SOCKET_CLOSED" }));
    } finally {
      replaceSystem(sys);
    }
  });

  it("is closed even if its owner fails to let go", () => {
    const socket = current().open();
    const failure = new Error("no");
    socket.claim({
      release: () => {
        throw failure;
      },
    });
    expect(errorOf(() => socket.close())).toBe(failure);
    expect(socket.closed).toBe(true);
  });
}
