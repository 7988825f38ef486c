import { expect, it } from "vitest";
import { SystemError, WOULD_BLOCK } from "../../src/index.js";
import { errorOf, type Loopback, waitFor } from "../loopback.js";

/** Opening, binding, listening, connecting and accepting. */
export function connectingContract(current: () => Loopback): void {
  /** Beyond any interface: RFC 5737 and RFC 3849. */
  const foreign = (): string => (current().family === 4 ? "203.0.113.1" : "2001:db8::1");
  const anyHost = (): string => (current().family === 4 ? "0.0.0.0" : "::");

  it("is open, and knows what it is", () => {
    const { family } = current();
    const socket = current().open();
    expect(socket).toMatchObject({ kind: "tcp", family, closed: false });
    expect(socket.handle).toBeGreaterThanOrEqual(0);
    expect(socket.localAddress).toEqual({ family, address: anyHost(), port: 0 });
  });

  it("binds to a port of the system's choice", () => {
    const { family, host } = current();
    const socket = current().open();
    socket.bind({ address: host, port: 0 });
    expect(socket.localAddress).toEqual({ family, address: host, port: expect.toSatisfy((port) => port > 0) });
  });

  it("accepts nobody while nobody waits", () => {
    expect(current().listener().accept()).toBeNull();
  });

  it("connects, and both sides know each other's address", () => {
    const { family } = current();
    const listener = current().listener();
    const left = current().open();
    current().connect(left, listener.localAddress);
    const right = current().accept(listener);
    expect(left.remoteAddress).toEqual(listener.localAddress);
    expect(right.localAddress).toEqual(listener.localAddress);
    expect(right.remoteAddress).toEqual(left.localAddress);
    expect(right).toMatchObject({ kind: "tcp", family, closed: false });
    expect(listener.accept()).toBeNull();
  });

  it("says whether it is connected, or on its way", () => {
    const listener = current().listener();
    const socket = current().open();
    const connected = socket.connect(listener.localAddress);
    if (current().blocking) expect(connected).toBe(true);
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
    const clients = [1, 2, 3].map(() => {
      const client = current().open();
      current().connect(client, listener.localAddress);
      return client;
    });
    const peers = clients.map(() => current().accept(listener).remoteAddress);
    expect(peers).toEqual(clients.map((client) => client.localAddress));
  });

  it("is refused as Node's own sockets are, and says so once", () => {
    const address = current().deserted();
    const socket = current().open();
    // A blocking connect throws what takeError() gives otherwise.
    const error = errorOf(() => current().connect(socket, address)) as SystemError;
    expect(error).toBeInstanceOf(SystemError);
    expect(error).toMatchObject({
      message: `connect ECONNREFUSED ${address.address}:${address.port}`,
      code: "ECONNREFUSED",
      syscall: "connect",
      address: address.address,
      port: address.port,
    });
    expect(socket.takeError()).toBeNull();
  });

  it("cannot bind to an address in use", () => {
    const { localAddress } = current().listener();
    const { address, port } = localAddress;
    const error = errorOf(() => current().open().bind(localAddress));
    expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "bind", address, port });
    expect(error.message).toBe(`bind EADDRINUSE ${address}:${port}`);
  });

  it("cannot bind to an address of another machine", () => {
    expect(() => current().open().bind({ address: foreign(), port: 0 })).toThrow(
      expect.objectContaining({ code: "EADDRNOTAVAIL", address: foreign() }),
    );
  });

  it("cannot listen where another listens already", () => {
    const bind = (): ReturnType<Loopback["open"]> => {
      const socket = current().open();
      socket.options.reuseAddress = true;
      return socket;
    };
    const [first, second] = [bind(), bind()];
    first.bind({ address: current().host, port: 0 });
    second.bind(first.localAddress);
    first.listen();
    expect(() => second.listen()).toThrow(expect.objectContaining({ code: "EADDRINUSE", syscall: "listen" }));
  });

  it("accepts only after listen", () => {
    const socket = current().bound();
    const error = errorOf(() => socket.accept());
    expect(error).toMatchObject({ code: "EINVAL", syscall: "accept" });
    expect(socket.raised(error)).toBe(true);
  });

  it("connects once", () => {
    const [left] = current().pair();
    // Linux takes the second connect of a non-blocking socket for the question how the first went.
    if (!current().blocking) left.connect(left.remoteAddress);
    const error = errorOf(() => left.connect(left.remoteAddress));
    expect(error).toMatchObject({ code: "EISCONN", syscall: "connect", port: left.remoteAddress.port });
  });

  it("has no peer before it is connected", () => {
    const socket = current().open();
    expect(() => socket.remoteAddress).toThrow(expect.objectContaining({ code: "ENOTCONN", syscall: "getpeername" }));
    expect(() => socket.recv(new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: "ENOTCONN", syscall: "read" }),
    );
  });

  it.each(["localhost", "", "1.2.3", "the other family's"])(
    "takes numeric addresses of its family only, not %j",
    (what) => {
      const { family } = current();
      const other = family === 4 ? "::1" : "127.0.0.1";
      const address = what === "the other family's" ? other : what;
      const expected = expect.objectContaining({
        name: "AddressError",
        code: "ERR_INVALID_IP_ADDRESS",
        message: `address: expected a numeric IPv${family} address, got ${address}`,
      });
      expect(() => current().open().bind({ address, port: 0 })).toThrow(expected);
      expect(() => current().open().connect({ address, port: 1 })).toThrow(expected);
    },
  );

  it.each([-1, 65_536, 1.5, Number.NaN])("takes no port %d", (port) => {
    const { host: address } = current();
    const expected = expect.objectContaining({ code: "ERR_SOCKET_BAD_PORT" });
    expect(() => current().open().bind({ address, port })).toThrow(expected);
    expect(() => current().open().connect({ address, port })).toThrow(expected);
  });

  it("takes no address that is no text", () => {
    const address = { port: 1 } as { address: string; port: number };
    const expected = expect.objectContaining({
      code: "ERR_INVALID_ARG_TYPE",
      message: "address: expected a string, got undefined",
    });
    expect(() => current().open().bind(address)).toThrow(expected);
    expect(() => current().open().connect(address)).toThrow(expected);
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
}
