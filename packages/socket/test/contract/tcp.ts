import { expect, it } from "vitest";
import { nameUnless, noResets, oldConnectionsBlock } from "../capabilities.js";
import { bytes, errorOf, type Loopback, receive, receiveOutcome, text, waitFor } from "../loopback.js";

/** What TCP has beside what every stream has: ports, addresses to reuse, and resets. */
export function tcpContract(current: () => Loopback): void {
  /** Beyond any interface: RFC 5737 and RFC 3849. */
  const foreign = (): string => (current().family === 4 ? "203.0.113.1" : "2001:db8::1");

  it("binds to a port of the system's choice", () => {
    const { family, host } = current();
    const socket = current().open();
    socket.bind({ address: host, port: 0 });
    const { localAddress } = socket;
    expect(localAddress).toEqual({ family, address: host, port: localAddress.port });
    expect(localAddress.port).toBeGreaterThan(0);
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
    // Exclusive use says so to who binds already.
    const error = errorOf(() => {
      second.bind(first.localAddress);
      first.listen();
      second.listen();
    });
    expect(error).toMatchObject({ code: "EADDRINUSE", syscall: expect.stringMatching(/^(bind|listen)$/) });
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

  it("shuts down only when connected", () => {
    const socket = current().open();
    expect(() => socket.shutdown()).toThrow(expect.objectContaining({ code: "ENOTCONN", syscall: "shutdown" }));
  });

  it.skipIf(noResets)(nameUnless(noResets, "resets when aborted: the peer gets ECONNRESET"), () => {
    const [left, right] = current().pair();
    left.abort();
    expect(left.closed).toBe(true);
    const error = errorOf(() => receiveOutcome(right));
    expect(error).toMatchObject({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" });
    expect(right.raised(error)).toBe(true);
    expect(left.raised(error)).toBe(false);
    expect(right.raised(null)).toBe(false);
  });

  it.skipIf(noResets)(nameUnless(noResets, "gives what arrived before a reset, then the error"), () => {
    const [left, right] = current().pair();
    left.send(bytes("data"));
    waitFor(right, "readable");
    left.abort();
    expect(text(receive(right, 4))).toBe("data");
    expect(() => receiveOutcome(right)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
    expect(receiveOutcome(right)).toBe(0);
  });

  it.skipIf(noResets)(nameUnless(noResets, "gives the error of a reset to whoever asks first, once"), () => {
    const [left, right] = current().pair();
    left.abort();
    waitFor(right, "readable");
    expect(right.takeError()).toMatchObject({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" });
    expect(right.takeError()).toBeNull();
  });

  it.skipIf(noResets)(nameUnless(noResets, "fails to send to a peer that has reset, without a signal"), () => {
    const [left, right] = current().pair();
    left.abort();
    waitFor(right, "readable");
    expect(() => right.send(bytes("x"))).toThrow(expect.objectContaining({ code: "ECONNRESET", syscall: "write" }));
    const next = errorOf(() => right.send(bytes("x")));
    expect(next).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/), syscall: "write" });
  });

  it.skipIf(noResets)(nameUnless(noResets, "resets when closed with unread input"), () => {
    const [left, right] = current().pair();
    right.send(bytes("unread"));
    waitFor(left, "readable");
    left.close();
    expect(() => receiveOutcome(right)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
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

    if (oldConnectionsBlock) {
      expect(() => current().open().bind(localAddress)).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
    }
    const again = current().open();
    again.options.reuseAddress = true;
    again.bind(localAddress);
    again.listen();
    expect(again.localAddress).toEqual(localAddress);
  });
}
