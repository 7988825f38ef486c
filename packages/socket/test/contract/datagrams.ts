import { NativeMemory, system, systemError } from "@p2pnet/sys";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Datagram, type Socket, WOULD_BLOCK } from "../../src/index.js";
import { failuresComeBeforeTimeouts, nameUnless, noRefusals, REFUSED } from "../capabilities.js";
import { bytes, errorOf, inErrors, type Loopback, receiveOutcome, text, waitFor } from "../loopback.js";

/** UDP, one datagram at a time. */
export function datagramContract(current: () => Loopback): void {
  const receiveFrom = (socket: Socket, into: Uint8Array): Datagram => {
    waitFor(socket, "readable");
    const datagram = socket.recvFrom(into);
    if (datagram === null) throw new Error("recvFrom: expected a datagram, got null");
    return datagram;
  };

  it("is open, and knows what it is", () => {
    const { family } = current();
    const socket = current().open();
    expect(socket).toMatchObject({ kind: "udp", family, closed: false });
    expect(socket.localAddress).toEqual({ family, address: family === 4 ? "0.0.0.0" : "::", port: 0 });
  });

  it("sends to an address, and receives with whom it came from", () => {
    const [left, right] = [current().bound(), current().bound()];
    expect(left.sendTo(bytes("hello"), right.localAddress)).toBe(5);
    const into = new Uint8Array(10);
    expect(receiveFrom(right, into)).toEqual({ length: 5, from: left.localAddress, truncated: false });
    expect(text(into.subarray(0, 5))).toBe("hello");

    expect(right.sendTo(bytes("you too"), left.localAddress)).toBe(7);
    expect(receiveFrom(left, into)).toEqual({ length: 7, from: right.localAddress, truncated: false });
  });

  it("receives nothing while nothing came", () => {
    const socket = current().bound();
    expect(socket.recvFrom(new Uint8Array(1))).toBeNull();
    expect(socket.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  it("keeps datagrams apart, whatever is in them", () => {
    const [left, right] = [current().bound(), current().bound()];
    const { localAddress } = right;
    const into = new Uint8Array(1_000);
    const datagram = fc.uint8Array({ maxLength: 1_000 });
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 8 }), (sent) => {
        for (const each of sent) left.sendTo(each, localAddress);
        const received = sent.map(() => into.slice(0, receiveFrom(right, into).length));
        expect(received).toEqual(sent);
      }),
      { numRuns: 30 },
    );
  });

  it("takes an empty datagram for one, and not for an end", () => {
    const [left, right] = current().pair();
    left.send(new Uint8Array(0));
    left.sendTo(new Uint8Array(0), right.localAddress);
    left.send(bytes("x"));
    expect(receiveOutcome(right)).toBe(0);
    expect(receiveFrom(right, new Uint8Array(1))).toEqual({ length: 0, from: left.localAddress, truncated: false });
    expect(receiveOutcome(right)).toBe(1);
  });

  it("says that a datagram was longer than the buffer, and loses the rest", () => {
    const [left, right] = [current().bound(), current().bound()];
    const from = left.localAddress;
    for (const each of ["12345", "1234", "123", "next"]) left.sendTo(bytes(each), right.localAddress);
    const into = new Uint8Array(4);
    expect(receiveFrom(right, into)).toEqual({ length: 4, from, truncated: true });
    expect(text(into)).toBe("1234");
    expect(receiveFrom(right, into)).toEqual({ length: 4, from, truncated: false });
    expect(receiveFrom(right, into)).toEqual({ length: 3, from, truncated: false });
    waitFor(right, "readable");
    expect(right.recv(into.subarray(0, 2))).toBe(2);
    expect(text(into.subarray(0, 2))).toBe("ne");
    expect(right.recv(into)).toBe(WOULD_BLOCK);
  });

  it("receives from nobody once it was shut down for reading", () => {
    const [left, right, third] = [...current().pair(), current().bound()];
    third.sendTo(bytes("before"), third.localAddress);
    receiveFrom(third, new Uint8Array(10));
    left.shutdown("read");
    expect(left.recvFrom(new Uint8Array(10))).toBeNull();
    expect(left.send(bytes("still"))).toBe(5);
    expect(receiveFrom(right, new Uint8Array(10))).toMatchObject({ length: 5, from: left.localAddress });
  });

  it("is connected at once: it sends to its peer, and hears nobody else", () => {
    const [left, right, stranger] = [current().bound(), current().bound(), current().bound()];
    expect(left.connect(right.localAddress)).toBe(true);
    expect(left.remoteAddress).toEqual(right.localAddress);
    expect(left.send(bytes("to the peer"))).toBe(11);
    expect(receiveFrom(right, new Uint8Array(20))).toMatchObject({ length: 11, from: left.localAddress });

    stranger.sendTo(bytes("stranger"), left.localAddress);
    right.sendTo(bytes("peer"), left.localAddress);
    const into = new Uint8Array(20);
    waitFor(left, "readable");
    expect(text(into.subarray(0, left.recv(into)))).toBe("peer");
    expect(left.recv(into)).toBe(WOULD_BLOCK);
  });

  it("peeks, and uses native memory", () => {
    const [left, right] = current().pair();
    const memory = new NativeMemory(8);
    memory.bytes.set(bytes("abcdefgh"));
    expect(left.sendFrom(memory, 2, 3)).toBe(3);
    waitFor(right, "readable");
    const into = new Uint8Array(8);
    expect(right.peek(into)).toBe(3);
    expect(right.recvInto(memory, 5, 3)).toBe(3);
    expect(text(memory.bytes)).toBe("abcdecde");
  });

  it.skipIf(noRefusals)(nameUnless(noRefusals, "hears when connected that nobody is there"), () => {
    const address = current().deserted();
    const asking = (): Socket => {
      const socket = current().bound();
      socket.connect(address);
      socket.send(bytes("anybody?"));
      waitFor(socket, "readable");
      return socket;
    };
    const socket = asking();
    const error = errorOf(() => socket.recvFrom(new Uint8Array(1)));
    expect(error).toMatchObject({ code: REFUSED, syscall: "recvmsg", message: `recvmsg ${REFUSED}` });
    expect(socket.raised(error)).toBe(true);
    expect(socket.recvFrom(new Uint8Array(1)), "once").toBeNull();
    expect(errorOf(() => asking().recv(new Uint8Array(1)))).toMatchObject({ message: `recvmsg ${REFUSED}` });
    expect(asking().takeError()).toMatchObject({ message: `recvmsg ${REFUSED}` });
  });

  it("sends the largest datagram that there is, and no larger one", () => {
    const { family } = current();
    const [left, right] = current().pair();
    // IPv4's length field counts its own 20 bytes and UDP's 8, IPv6's only the latter.
    const largest = family === 4 ? 65_507 : 65_527;
    expect(left.sendTo(new Uint8Array(largest), right.localAddress)).toBe(largest);
    expect(receiveFrom(right, new Uint8Array(70_000))).toMatchObject({ length: largest, truncated: false });

    const { fields, text } = inErrors(right.localAddress);
    const sentTo = errorOf(() => left.sendTo(new Uint8Array(largest + 1), right.localAddress));
    expect(sentTo).toMatchObject({ ...fields, code: "EMSGSIZE", syscall: "send" });
    expect(sentTo.message).toBe(`send EMSGSIZE ${text}`);
    expect(left.raised(sentTo)).toBe(true);
    const sent = errorOf(() => left.send(new Uint8Array(largest + 1)));
    expect(sent).toMatchObject({ code: "EMSGSIZE", syscall: "send", message: "send EMSGSIZE" });
    expect(left.raised(sent)).toBe(true);
  });

  it("neither listens nor accepts: the system says so", () => {
    const socket = current().bound();
    const { code } = systemError("listen", system().constants.EOPNOTSUPP);
    expect(errorOf(() => socket.listen())).toMatchObject({ code, syscall: "listen" });
    if (!failuresComeBeforeTimeouts) socket.setNonBlocking(true);
    const error = errorOf(() => socket.accept());
    expect(error).toMatchObject({ code, syscall: "accept" });
    expect(socket.raised(error)).toBe(true);
  });

  it("sends to somebody only", () => {
    const socket = current().open();
    const code = expect.stringMatching(/^(EDESTADDRREQ|ENOTCONN|EINVAL)$/); // Linux, Windows, Wine
    expect(errorOf(() => socket.send(bytes("x")))).toMatchObject({ code, syscall: "send" });
  });

  it.each(["localhost", "", "the other family's"])("sends to numeric addresses of its family only, not %j", (what) => {
    const { family } = current();
    const other = family === 4 ? "::1" : "127.0.0.1";
    const address = what === "the other family's" ? other : what;
    const expected = {
      name: "AddressError",
      code: "ERR_INVALID_IP_ADDRESS",
      message: `address: expected a numeric IPv${family} address, got ${address}`,
    };
    expect(errorOf(() => current().open().sendTo(bytes("x"), { address, port: 1 }))).toMatchObject(expected);
    expect(errorOf(() => current().open().joinGroup(address))).toMatchObject(expected);
  });

  it("takes no port, address or group that is none", () => {
    const { host: address } = current();
    const socket = current().open();
    const code = "ERR_INVALID_ARG_TYPE";
    expect(errorOf(() => socket.sendTo(bytes("x"), { address, port: 65_536 }))).toMatchObject({
      code: "ERR_SOCKET_BAD_PORT",
    });
    expect(errorOf(() => socket.sendTo(bytes("x"), { port: 1 } as never))).toMatchObject({
      code,
      message: "address: expected a string, got undefined",
    });
    expect(errorOf(() => socket.joinGroup(7 as never))).toMatchObject({
      code,
      message: "group: expected a string, got number",
    });
    expect(errorOf(() => socket.leaveGroup("239.1.2.3", 7 as never))).toMatchObject({
      code,
      message: "interface: expected a string, got number",
    });
  });

  it("takes bytes only, and a buffer with room", () => {
    const socket = current().bound();
    const code = "ERR_INVALID_ARG_TYPE";
    expect(errorOf(() => socket.sendTo("text" as never, socket.localAddress))).toMatchObject({
      code,
      message: "bytes: expected a Uint8Array, got string",
    });
    expect(errorOf(() => socket.recvFrom("text" as never))).toMatchObject({ code });
    expect(errorOf(() => socket.recvFrom(new Uint8Array(0)))).toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  });
}
