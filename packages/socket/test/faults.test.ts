import { replaceSystem, type System, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Socket, WOULD_BLOCK } from "../src/index.js";
import { bytes, errorOf, Loopback, receive, text, waitFor } from "./loopback.js";

const original = system();
const { constants } = original;
type ErrorName = Extract<keyof typeof constants, `E${string}`>;
const negated = (name: ErrorName): number => -constants[name]!;
/** The errors that this system has: of another there is no number to inject. */
const known = (names: ErrorName[]): ErrorName[] => names.filter((name) => constants[name] !== null);

let loopback: Loopback;
beforeEach(() => {
  loopback = new Loopback({ kind: "tcp", family: 4, blocking: false });
});
afterEach(() => {
  loopback.close();
  replaceSystem(original);
});

/** Sockets made from here on meet these calls in place of the system's own. */
function inject(calls: Partial<System>): void {
  replaceSystem({ ...original, ...calls });
}

describe("accept", () => {
  it.each(
    known([
      "ECONNABORTED",
      "EPROTO",
      "ENETDOWN",
      "ENOPROTOOPT",
      "EHOSTDOWN",
      "ENONET",
      "EHOSTUNREACH",
      "EOPNOTSUPP",
      "ENETUNREACH",
    ]),
  )("passes over a connection that died in the queue: %s", (code) => {
    const dead = [negated(code), negated(code)];
    inject({ accept: (handle) => dead.shift() ?? original.accept(handle) });
    const listener = loopback.listener();
    expect(listener.accept(), "nobody else waits").toBeNull();

    dead.push(negated(code));
    const client = loopback.open();
    loopback.connect(client, listener.localAddress);
    expect(loopback.accept(listener).remoteAddress).toEqual(client.localAddress);
    expect(dead).toEqual([]);
  });

  it.each(known(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EPERM"]))(
    "throws what is not about a connection, and may be called again: %s",
    (code) => {
      const faults = [negated(code)];
      inject({ accept: (handle) => faults.shift() ?? original.accept(handle) });
      const listener = loopback.listener();
      const client = loopback.open();
      loopback.connect(client, listener.localAddress);
      waitFor(listener, "readable");

      const error = errorOf(() => listener.accept());
      expect(error).toMatchObject({ code, syscall: "accept", message: `accept ${code}` });
      expect(listener.raised(error)).toBe(true);
      expect(client.raised(error)).toBe(false);
      expect(loopback.accept(listener).remoteAddress).toEqual(client.localAddress);
    },
  );
});

describe("connect", () => {
  it("that a signal interrupts is under way", () => {
    inject({
      connect: (handle, address) => {
        original.connect(handle, address);
        return negated("EINTR");
      },
    });
    const listener = loopback.listener();
    const socket = loopback.open();
    expect(socket.connect(listener.localAddress)).toBe(false);
    waitFor(socket, "writable");
    expect(socket.takeError()).toBeNull();
    expect(socket.remoteAddress).toEqual(listener.localAddress);

    const refused = loopback.open();
    const { address, port } = loopback.deserted();
    expect(refused.connect({ address, port })).toBe(false);
    waitFor(refused, "writable");
    expect(refused.takeError()).toMatchObject({ message: `connect ECONNREFUSED ${address}:${port}` });
  });

  it.each(known(["EAGAIN", "ENETUNREACH", "EADDRNOTAVAIL", "EACCES", "EPERM", "EALREADY"]))(
    "that fails at once throws, with the address: %s",
    (code) => {
      inject({ connect: () => negated(code) });
      const error = errorOf(() => loopback.open().connect({ address: "127.0.0.1", port: 9 }));
      expect(error).toMatchObject({ code, syscall: "connect", address: "127.0.0.1", port: 9 });
      expect(error.message).toBe(`connect ${code} 127.0.0.1:9`);
    },
  );

  it("that fails later says so as Node does", () => {
    const pending = [constants.ETIMEDOUT];
    inject({
      connect: () => negated("EINPROGRESS"),
      getOption: (_handle, _level, _name, into) => {
        new DataView(into.buffer).setInt32(0, pending.shift() ?? 0, true);
        return 4;
      },
    });
    const socket = loopback.open();
    expect(socket.connect({ address: "192.0.2.7", port: 80 })).toBe(false);
    expect(socket.takeError()).toMatchObject({
      message: "connect ETIMEDOUT 192.0.2.7:80",
      syscall: "connect",
      address: "192.0.2.7",
      port: 80,
    });
    // What comes after a connect has ended is about the connection.
    pending.push(constants.ECONNRESET);
    expect(socket.takeError()).toMatchObject({ message: "read ECONNRESET", syscall: "read" });
  });
});

describe("what the system refuses", () => {
  it.each<[string, ErrorName, Partial<System>, (socket: Socket) => unknown]>([
    ["bind", "EACCES", { bind: () => negated("EACCES") }, (s) => s.bind({ address: "127.0.0.1", port: 80 })],
    ["listen", "EADDRINUSE", { listen: () => negated("EADDRINUSE") }, (s) => s.listen()],
    ["read", "ETIMEDOUT", { recvBytes: () => negated("ETIMEDOUT") }, (s) => s.recv(new Uint8Array(1))],
    ["write", "ENOBUFS", { sendBytes: () => negated("ENOBUFS") }, (s) => s.send(new Uint8Array(1))],
    ["write", "ENETDOWN", { sendMessage: () => negated("ENETDOWN") }, (s) => s.sendGathered(1)],
    ["shutdown", "ENOTCONN", { shutdown: () => negated("ENOTCONN") }, (s) => s.shutdown()],
    ["fcntl", "EACCES", { setNonBlocking: () => negated("EACCES") }, (s) => s.setNonBlocking(false)],
    ["getsockname", "ENOBUFS", { localAddress: () => negated("ENOBUFS") }, (s) => s.localAddress],
    ["getpeername", "ENOTCONN", { remoteAddress: () => negated("ENOTCONN") }, (s) => s.remoteAddress],
    ["getsockopt", "ENOMEM", { getOption: () => negated("ENOMEM") }, (s) => s.takeError()],
  ])("is thrown with its call: %s %s", (syscall, code, calls, use) => {
    inject(calls);
    const socket = loopback.open();
    expect(errorOf(() => use(socket))).toMatchObject({ code, syscall, cause: { errno: constants[code] } });
  });

  it("is thrown by open", () => {
    inject({ socket: () => negated("EMFILE") });
    expect(() => Socket.open("tcp")).toThrow(expect.objectContaining({ code: "EMFILE", syscall: "socket" }));
  });

  it("leaves no handle behind when open cannot finish", () => {
    const closed: number[] = [];
    let opened = -1;
    inject({
      socket: (...args) => {
        opened = original.socket(...args);
        return opened;
      },
      setOption: () => negated("EINVAL"),
      close: (handle) => {
        closed.push(handle);
        return original.close(handle);
      },
    });
    expect(() => Socket.open("tcp", { family: 6 })).toThrow(
      expect.objectContaining({ code: "EINVAL", syscall: "setsockopt" }),
    );
    expect(closed).toEqual([opened]);
  });

  it.each(["setNonBlocking", "setCloseOnExec"] as const)("leaves a handle to its owner: %s", (call) => {
    const handle = loopback.open().detach();
    inject({ [call]: () => negated("EBADF") });
    expect(() => Socket.fromHandle(handle)).toThrow(expect.objectContaining({ code: "EBADF", syscall: "fcntl" }));
    expect(original.close(handle)).toBe(0);
  });

  it("does not keep abort from closing", () => {
    inject({ setOption: () => negated("EINVAL") });
    const socket = loopback.open();
    socket.abort();
    expect(socket.closed).toBe(true);
  });

  it("does not make close be tried again: the handle is gone all the same", () => {
    const closed: number[] = [];
    inject({
      close: (handle) => {
        closed.push(handle);
        original.close(handle);
        return negated("EINTR");
      },
    });
    const socket = loopback.open();
    const { handle } = socket;
    socket.close();
    expect(closed).toEqual([handle]);
    expect(socket.closed).toBe(true);
  });
});

describe("a UDP socket", () => {
  const to = { address: "127.0.0.1", port: 9 };
  let socket: Socket;
  const open = (calls: Partial<System>): Socket => {
    inject(calls);
    socket = loopback.keep(Socket.open("udp"));
    return socket;
  };

  it("says when there is no room to send", () => {
    open({ sendTo: () => negated("EAGAIN"), sendBytes: () => negated("EAGAIN") });
    expect(socket.sendTo(bytes("x"), to)).toBe(WOULD_BLOCK);
    expect(socket.send(bytes("x"))).toBe(WOULD_BLOCK);
  });

  it.each<[string, ErrorName, Partial<System>, (socket: Socket) => unknown, string]>([
    ["recvmsg", "ENOBUFS", { recvFrom: () => negated("ENOBUFS") }, (s) => s.recvFrom(new Uint8Array(1)), ""],
    ["recvmsg", "ENOMEM", { recvBytes: () => negated("ENOMEM") }, (s) => s.recv(new Uint8Array(1)), ""],
    ["send", "ENETUNREACH", { sendTo: () => negated("ENETUNREACH") }, (s) => s.sendTo(bytes("x"), to), " 127.0.0.1:9"],
    ["send", "ENOBUFS", { sendBytes: () => negated("ENOBUFS") }, (s) => s.send(bytes("x")), ""],
  ])("throws what the system refuses, with Node's name for the call: %s %s", (syscall, code, calls, use, where) => {
    const error = errorOf(() => use(open(calls)));
    expect(error).toMatchObject({ code, syscall, message: `${syscall} ${code}${where}` });
    expect(socket.raised(error)).toBe(true);
  });

  it("asks for a group in the system's own layout", () => {
    const asked: unknown[] = [];
    const setOption: System["setOption"] = (_handle, level, name, value) => {
      asked.push([level, name, Buffer.from(value).toString("hex")]);
      return 0;
    };
    open({ setOption });
    socket.joinGroup("239.1.2.3");
    socket.leaveGroup("239.1.2.3", "192.0.2.1");
    const six = loopback.keep(Socket.open("udp", { family: 6 }));
    asked.splice(2);
    six.joinGroup("ff02::1", "7");
    const { IPPROTO_IP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IPV6, IPV6_JOIN_GROUP } = constants;
    expect(asked).toEqual([
      [IPPROTO_IP, IP_ADD_MEMBERSHIP, "ef01020300000000"],
      [IPPROTO_IP, IP_DROP_MEMBERSHIP, "ef010203c0000201"],
      [IPPROTO_IPV6, IPV6_JOIN_GROUP, "ff02000000000000000000000000000107000000"],
    ]);
  });
});

describe("a socket", () => {
  it("passes short writes on", () => {
    inject({ sendBytes: (handle, given) => original.sendBytes(handle, given.subarray(0, 2)) });
    const [left, right] = loopback.pair();
    expect(left.send(bytes("abcdef"))).toBe(2);
    expect(text(receive(right, 2))).toBe("ab");
  });

  it("keeps the system with which it was made", () => {
    const [left, right] = loopback.pair();
    inject({ sendBytes: () => negated("ECONNRESET") });
    expect(left.send(bytes("abc"))).toBe(3);
    expect(text(receive(right, 3))).toBe("abc");
  });

  it("hands its system on to those that it accepts", () => {
    inject({ sendBytes: () => negated("ECONNRESET") });
    const listener = loopback.listener();
    replaceSystem(original);
    const left = loopback.open();
    loopback.connect(left, listener.localAddress);
    const right = loopback.accept(listener);
    expect(() => right.send(bytes("abc"))).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
  });
});
