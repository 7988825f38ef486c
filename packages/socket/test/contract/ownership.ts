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
    again.send(bytes("here"));
    expect(text(receive(right, 4))).toBe("here");
  });

  it("is made of a handle, non-blocking, and knows its family", () => {
    const [left, right] = current().pair();
    const { remoteAddress } = left;
    left.setNonBlocking(false);
    const socket = current().keep(Socket.fromHandle(left.detach()));
    const { kind, family } = current();
    expect(socket).toMatchObject({ kind, family, closed: false });
    expect(socket.remoteAddress).toEqual(remoteAddress);
    expect(right.remoteAddress).toEqual(socket.localAddress);
    socket.options.receiveTimeoutMs = 0;
    expect(socket.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
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
