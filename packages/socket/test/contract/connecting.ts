import { expect, it } from "vitest";
import { SystemError, WOULD_BLOCK } from "../../src/index.js";
import { errorsAreTakenOnce, failuresComeBeforeTimeouts } from "../capabilities.js";
import { bytes, errorOf, inErrors, type Loopback, receive, text, waitFor } from "../loopback.js";

/** Opening, binding, listening, connecting and accepting. */
export function connectingContract(current: () => Loopback): void {
  it("is open, and knows what it is", () => {
    const { kind, family } = current();
    const socket = current().open();
    expect(socket).toMatchObject({ kind, family, closed: false });
    expect(socket.handle).toBeGreaterThanOrEqual(0);
    const nowhere = { 4: "0.0.0.0", 6: "::", unix: "" }[family];
    expect(socket.localAddress).toEqual({ family, address: nowhere, port: 0 });
  });

  it("accepts nobody while nobody waits", () => {
    expect(current().listener().accept()).toBeNull();
  });

  it("connects, and both sides know each other's address", () => {
    const { kind, family } = current();
    const listener = current().listener();
    const left = current().bound();
    current().connect(left, listener.localAddress);
    const right = current().accept(listener);
    expect(left.remoteAddress).toEqual(listener.localAddress);
    expect(right.localAddress).toEqual(listener.localAddress);
    expect(right.remoteAddress).toEqual(left.localAddress);
    expect(right).toMatchObject({ kind, family, closed: false });
    expect(listener.accept()).toBeNull();
  });

  it("says whether it is connected, or on its way", () => {
    const { blocking, kind } = current();
    const listener = current().listener();
    const socket = current().open();
    const connected = socket.connect(listener.localAddress);
    if (blocking || kind === "unix") expect(connected).toBe(true);
    waitFor(socket, "writable");
    expect(socket.takeError()).toBeNull();
    expect(socket.remoteAddress).toEqual(listener.localAddress);
  });

  it("accepts sockets that are non-blocking", () => {
    const listener = current().listener();
    const left = current().open();
    current().connect(left, listener.localAddress);
    waitFor(listener, "readable");
    const right = current().keep(listener.accept()!);
    expect(right.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  it("accepts those who wait in the order in which they came", () => {
    const listener = current().listener();
    for (const name of ["1", "2", "3"]) {
      const client = current().open();
      current().connect(client, listener.localAddress);
      client.send(bytes(name));
    }
    const names = [1, 2, 3].map(() => text(receive(current().accept(listener), 1)));
    expect(names).toEqual(["1", "2", "3"]);
  });

  it("is refused as Node's own sockets are, and says so once", () => {
    const address = current().deserted();
    const socket = current().open();
    // A blocking connect throws what takeError() gives otherwise.
    const error = errorOf(() => current().connect(socket, address)) as SystemError;
    expect(error).toBeInstanceOf(SystemError);
    const { fields, text } = inErrors(address);
    expect(error).toMatchObject({ ...fields, code: "ECONNREFUSED", syscall: "connect" });
    expect(error.message).toBe(`connect ECONNREFUSED ${text}`);
    if (errorsAreTakenOnce) expect(socket.takeError()).toBeNull();
  });

  it("cannot bind to an address in use", () => {
    const { localAddress } = current().listener();
    const error = errorOf(() => current().open().bind(localAddress));
    const { fields, text } = inErrors(localAddress);
    expect(error).toMatchObject({ ...fields, code: "EADDRINUSE", syscall: "bind" });
    expect(error.message).toBe(`bind EADDRINUSE ${text}`);
  });

  it("accepts only after listen", () => {
    const socket = current().bound();
    if (!failuresComeBeforeTimeouts) socket.setNonBlocking(true);
    const error = errorOf(() => socket.accept());
    expect(error).toMatchObject({ code: "EINVAL", syscall: "accept" });
    expect(socket.raised(error)).toBe(true);
  });

  it("connects once", () => {
    const { localAddress } = current().listener();
    const socket = current().open();
    current().connect(socket, localAddress);
    const error = errorOf(() => {
      // Linux takes the second connect of a non-blocking TCP socket for the question how the first went.
      socket.connect(localAddress);
      socket.connect(localAddress);
    });
    expect(error).toMatchObject({ ...inErrors(localAddress).fields, code: "EISCONN", syscall: "connect" });
  });

  it("has no peer before it is connected", () => {
    const socket = current().open();
    expect(() => socket.remoteAddress).toThrow(expect.objectContaining({ code: "ENOTCONN", syscall: "getpeername" }));
    if (!failuresComeBeforeTimeouts) socket.setNonBlocking(true);
    const code = current().kind === "tcp" ? "ENOTCONN" : "EINVAL";
    expect(() => socket.recv(new Uint8Array(1))).toThrow(expect.objectContaining({ code, syscall: "read" }));
  });

  it.each([-1, 1.5, 2 ** 31])("takes no backlog of %d", (backlog) => {
    const socket = current().bound();
    expect(() => socket.listen(backlog)).toThrow(
      expect.objectContaining({
        name: "SocketError",
        code: "ERR_OUT_OF_RANGE",
        message: `backlog: expected an integer from 0 to 2147483647, got ${backlog}`,
      }),
    );
  });

  it.each(["recvFrom", "sendTo", "recvBatch", "sendBatch", "joinGroup", "leaveGroup"])(
    "has no call for datagrams: %s",
    (call) => {
      const socket = current().open() as unknown as { [call: string]: () => unknown };
      expect(errorOf(() => socket[call]!())).toMatchObject({
        name: "SocketError",
        code: "ERR_SOCKET_KIND",
        message: `${call}: expected a udp socket, got a ${current().kind} one`,
      });
    },
  );
}
