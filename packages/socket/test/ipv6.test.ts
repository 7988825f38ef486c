import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Socket } from "../src/index.js";
import { nameUnless, noIpv6 } from "./capabilities.js";
import { bytes, Loopback, receive, text, waitFor } from "./loopback.js";

let ipv4: Loopback;
let ipv6: Loopback;
beforeEach(() => {
  ipv4 = new Loopback({ kind: "tcp", family: 4, blocking: false });
  ipv6 = new Loopback({ kind: "tcp", family: 6, blocking: false });
});
afterEach(() => {
  ipv4.close();
  ipv6.close();
});

describe.skipIf(noIpv6)(nameUnless(noIpv6, "an IPv6 socket"), () => {
  it("with ipv6Only false takes IPv4 peers too, under mapped addresses", () => {
    const listener = ipv6.keep(Socket.open("tcp", { family: 6, ipv6Only: false }));
    expect(listener.options.ipv6Only).toBe(false);
    listener.bind({ address: "::", port: 0 });
    listener.listen();
    const { port } = listener.localAddress;

    const overFour = ipv4.open();
    ipv4.connect(overFour, { family: 4, address: "127.0.0.1", port });
    const four = ipv6.accept(listener);
    expect(four.family).toBe(6);
    expect(four.remoteAddress).toEqual({
      family: 6,
      address: "::ffff:127.0.0.1",
      port: overFour.localAddress.port,
    });
    overFour.send(bytes("over four"));
    expect(text(receive(four, 9))).toBe("over four");

    const overSix = ipv6.open();
    ipv6.connect(overSix, { family: 6, address: "::1", port });
    expect(ipv6.accept(listener).remoteAddress).toMatchObject({ address: "::1" });
  });

  it("with ipv6Only false exchanges datagrams with IPv4 too", () => {
    const both = ipv6.keep(Socket.open("udp", { family: 6, ipv6Only: false }));
    both.bind({ address: "::", port: 0 });
    const { port } = both.localAddress;
    const four = ipv4.keep(Socket.open("udp"));
    four.bind({ address: "127.0.0.1", port: 0 });
    four.sendTo(bytes("four"), { address: "127.0.0.1", port });
    const into = new Uint8Array(10);
    waitFor(both, "readable");
    const datagram = both.recvFrom(into)!;
    expect(datagram.from).toEqual({ family: 6, address: "::ffff:127.0.0.1", port: four.localAddress.port });
    both.sendTo(bytes("both"), { address: "::ffff:127.0.0.1", port: datagram.from.port });
    expect(text(receive(four, 4))).toBe("both");
  });

  it("takes IPv6 only otherwise, and leaves the port to IPv4", () => {
    const listener = ipv6.keep(Socket.open("tcp", { family: 6 }));
    listener.bind({ address: "::", port: 0 });
    listener.listen();
    const { port } = listener.localAddress;
    expect(() => ipv4.connect(ipv4.open(), { family: 4, address: "127.0.0.1", port })).toThrow(
      expect.objectContaining({ code: "ECONNREFUSED" }),
    );
    ipv4.open().bind({ address: "0.0.0.0", port });
  });

  it("ignores a scope where there is only one", () => {
    const listener = ipv6.open();
    listener.bind({ address: "::1%1", port: 0 });
    listener.listen();
    const { port } = listener.localAddress;
    expect(listener.localAddress).toEqual({ family: 6, address: "::1", port });
    const client = ipv6.open();
    ipv6.connect(client, { family: 6, address: "::1", port, scopeId: 1 });
    expect(ipv6.accept(listener).remoteAddress).toEqual(client.localAddress);
  });

  it("takes no scope that names no interface, or contradicts itself", () => {
    const socket = ipv6.open();
    const expected = expect.objectContaining({ name: "AddressError", code: "ERR_INVALID_SCOPE_ID" });
    expect(() => socket.bind({ address: "fe80::1%nosuch0", port: 0 })).toThrow(expected);
    expect(() => socket.connect({ address: "fe80::1%2", port: 1, scopeId: 3 } as never)).toThrow(expected);
  });
});
