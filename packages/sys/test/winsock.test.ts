import { beforeEach, describe, expect, it } from "vitest";
import { win32 as constants } from "../src/constants/win32.js";
import { win32 as layouts } from "../src/layouts/win32.js";
import { NativeMemory } from "../src/memory.js";
import type { System } from "../src/system.js";
import { isSystemError } from "../src/system-error.js";
import { loadWinsock } from "../src/winsock.js";
import { FakeLibrary } from "./fake-library.js";

const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, SO_ERROR, SO_RCVTIMEO, SO_SNDTIMEO, SO_TYPE } = constants;
const HANDLE = 0x1_0000_0208;
const address = Uint8Array.of(2, 0);

let winsock: FakeLibrary;
let sys: System;
/** The value of each option. */
let options: { [name: number]: number };
beforeEach(() => {
  winsock = new FakeLibrary();
  options = { [SO_TYPE]: SOCK_STREAM };
  winsock.results["getsockopt"] = (_handle, _level, name, value) => {
    const bytes = value as Uint8Array;
    new Int32Array(bytes.buffer, bytes.byteOffset, 1)[0] = options[name as number] ?? 0;
    return 0;
  };
  sys = loadWinsock(winsock.library, winsock.library);
});
const names = (calls: readonly string[]): string[] => calls.map((call) => call.slice(0, call.indexOf("(")));
const fail = (name: string, error: number): void => {
  winsock.results[name] = -error;
};

describe("Winsock", () => {
  it("is started at once, and never stopped", () => {
    expect(names(winsock.calls)).toEqual(["WSAStartup"]);
    sys.close(HANDLE);
    expect(names(winsock.calls)).toEqual(["WSAStartup", "closesocket"]);
  });

  it("that does not start is an error with its number", () => {
    winsock.results["WSAStartup"] = 10091;
    const load = (): unknown => loadWinsock(winsock.library, winsock.library);
    expect(load).toThrow(expect.toSatisfy((error) => isSystemError(error) && error.cause.errno === 10091));
  });
});

describe("handles", () => {
  beforeEach(() => {
    Object.assign(winsock.results, { WSASocketW: HANDLE, accept: HANDLE, SetHandleInformation: 1 });
  });
  const nonBlocking = `ioctlsocket(${HANDLE}, ${0x8004667e}, [1])`;

  it("are overlapped, inherited by nobody, non-blocking, and may be longer than 32 bits", () => {
    expect(winsock.during(() => sys.socket(AF_INET, SOCK_STREAM, 0))).toEqual({
      result: HANDLE,
      calls: [`WSASocketW(2, 1, 0, , 0, ${0x81})`, nonBlocking],
    });
    expect(winsock.during(() => sys.accept(5))).toEqual({
      result: HANDLE,
      calls: ["accept(5, 0, 0)", `SetHandleInformation(${HANDLE}, 1, 0)`, nonBlocking],
    });
  });

  it("of UDP hear of refusals only when connected", () => {
    const reports = (enabled: number): string => `WSAIoctl(${HANDLE}, ${0x9800000c}, [${enabled}], 4, , 0, [0], , )`;
    expect(winsock.during(() => sys.socket(AF_INET6, SOCK_DGRAM, 0)).calls).toContain(reports(0));
    options[SO_TYPE] = SOCK_DGRAM;
    expect(winsock.during(() => sys.connect(HANDLE, address)).calls).toContain(reports(1));
    options[SO_TYPE] = SOCK_STREAM;
    expect(names(winsock.during(() => sys.connect(HANDLE, address)).calls)).not.toContain("WSAIoctl");
  });

  it("that cannot be made so are closed", () => {
    fail("ioctlsocket", constants.ENOBUFS);
    for (const open of [() => sys.socket(AF_INET, SOCK_STREAM, 0), () => sys.accept(5)]) {
      const { result, calls } = winsock.during(open);
      expect(result).toBe(-constants.ENOBUFS);
      expect(calls.at(-1)).toBe(`closesocket(${HANDLE})`);
    }
  });

  it("that others had closed, and that are given out again, are non-blocking, whatever they were", () => {
    options[SO_RCVTIMEO] = 50;
    for (const open of [() => sys.socket(AF_INET, SOCK_STREAM, 0), () => sys.accept(5)]) {
      sys.setNonBlocking(HANDLE, false);
      expect(open()).toBe(HANDLE);
      expect(names(winsock.during(() => sys.recv(HANDLE, 1, 1, 0)).calls)).toEqual(["recv"]);
    }
  });

  it("that are not bound have the wildcard address of their family, which the provider tells", () => {
    fail("getsockname", constants.EINVAL);
    const into = new Uint8Array(128);
    const { WSAPROTOCOL_INFOW } = layouts;
    const families = { [AF_INET]: "0.0.0.0", [AF_INET6]: "::", [constants.AF_UNIX]: "" };
    for (const [family, address] of Object.entries(families)) {
      winsock.results["getsockopt"] = (_handle, _level, _name, value) => {
        const { buffer } = value as Uint8Array;
        new DataView(buffer).setInt32(WSAPROTOCOL_INFOW.fields.iAddressFamily.offset, Number(family), true);
        return 0;
      };
      expect(sys.addresses.decode(into.subarray(0, sys.localAddress(HANDLE, into)))).toMatchObject({
        address,
        port: 0,
      });
    }
    fail("getsockopt", constants.ENOTSOCK);
    expect(sys.localAddress(HANDLE, into)).toBe(-constants.ENOTSOCK);
  });
});

describe("what Winsock answers in its own way", () => {
  it("is a connect under way", () => {
    fail("connect", constants.EWOULDBLOCK);
    expect(sys.connect(HANDLE, address)).toBe(-constants.EINPROGRESS);
    fail("connect", constants.ECONNREFUSED);
    expect(sys.connect(HANDLE, address)).toBe(-constants.ECONNREFUSED);
  });

  it("is a connection that died while it waited to be accepted", () => {
    fail("accept", constants.ECONNRESET);
    expect(sys.accept(HANDLE)).toBe(-constants.ECONNABORTED);
    fail("accept", constants.EMFILE);
    expect(sys.accept(HANDLE)).toBe(-constants.EMFILE);
  });

  it("is a datagram that was cut", () => {
    for (const name of ["recv", "recvfrom"]) fail(name, constants.EMSGSIZE);
    expect(sys.recv(HANDLE, 1, 10, 0)).toBe(10);
    expect(sys.recvBytes(HANDLE, new Uint8Array(10), 0)).toBe(10);
    expect(sys.recvFrom(HANDLE, 1, 10, new Uint8Array(128))).toBe(11);
  });

  it("is the end of a socket that was shut down for reading, where no datagram comes any more", () => {
    for (const name of ["recv", "recvfrom"]) fail(name, constants.ESHUTDOWN);
    expect(sys.recv(HANDLE, 1, 10, 0)).toBe(0);
    expect(sys.recvBytes(HANDLE, new Uint8Array(10), 0)).toBe(0);
    expect(sys.recvFrom(HANDLE, 1, 10, new Uint8Array(128))).toBe(-constants.EAGAIN);
  });

  it("is news of a datagram that died on its way, between those received", () => {
    const outcomes = [-constants.ENETRESET, -constants.ENETRESET, 3];
    winsock.results["recvfrom"] = () => outcomes.shift()!;
    expect(sys.recvFrom(HANDLE, 1, 10, new Uint8Array(128))).toBe(3);
    fail("recvfrom", constants.EAGAIN);
    expect(sys.recvFrom(HANDLE, 1, 10, new Uint8Array(128))).toBe(-constants.EAGAIN);
  });

  it("is a wait for nothing, which WSAPoll refuses", () => {
    expect(winsock.during(() => sys.poll(0, 0, 20)).calls).toEqual(["Sleep(20)"]);
    expect(winsock.during(() => sys.poll(0, 0, -1)).calls).toEqual(["Sleep(4294967295)"]);
    expect(winsock.during(() => sys.poll(8, 2, -1)).calls).toEqual(["WSAPoll(8, 2, -1)"]);
    fail("WSAPoll", constants.ENOTSOCK);
    expect(sys.poll(8, 1, 0)).toBe(-constants.ENOTSOCK);
  });
});

describe("a message", () => {
  it("is sent from the buffers that it names", () => {
    const { size, fields } = layouts.msghdr;
    const messages = [1, 2].map((count) => {
      const memory = new NativeMemory(size);
      const view = new DataView(memory.bytes.buffer);
      view.setBigUint64(fields.msg_iov.offset, BigInt(count * 1000), true);
      view.setUint32(fields.msg_iovlen.offset, count, true);
      return memory;
    });
    winsock.results["WSASend"] = (_handle, _buffers, count, sent) => {
      (sent as Uint32Array)[0] = (count as number) * 10;
      return 0;
    };
    const sent = [...messages, ...messages].map(({ address }) =>
      winsock.during(() => sys.sendMessage(HANDLE, address)),
    );
    expect(sent.map(({ result }) => result)).toEqual([10, 20, 10, 20]);
    expect(sent.map(({ calls }) => calls[0]!.split(", ").slice(0, 3).join(", "))).toEqual(
      [1, 2, 1, 2].map((count) => `WSASend(${HANDLE}, ${count * 1000}, ${count}`),
    );
    fail("WSASend", constants.ECONNRESET);
    expect(sys.sendMessage(HANDLE, messages[0]!.address)).toBe(-constants.ECONNRESET);
  });
});

describe("timeouts of blocking sockets", () => {
  const waits: [string, number, (handle: number) => number][] = [
    ["accept", SO_RCVTIMEO, (handle) => sys.accept(handle)],
    ["recv", SO_RCVTIMEO, (handle) => sys.recv(handle, 1, 1, 0)],
    ["recv", SO_RCVTIMEO, (handle) => sys.recvBytes(handle, address, 0)],
    ["recvfrom", SO_RCVTIMEO, (handle) => sys.recvFrom(handle, 1, 1, new Uint8Array(128))],
  ];

  it.each(waits)("are waited for before the call: %s", (name, option, call) => {
    options[option] = 50;
    expect(names(winsock.during(() => call(HANDLE)).calls)).not.toContain("WSAPoll");
    sys.setNonBlocking(HANDLE, false);
    const over = winsock.during(() => call(HANDLE));
    expect(over.result).toBe(-constants.EAGAIN);
    expect(over.calls.at(-1)).toMatch(/^WSAPoll\(\d+, 1, 50\)$/);
    winsock.results["WSAPoll"] = 1;
    expect(names(winsock.during(() => call(HANDLE)).calls)).toEqual(expect.arrayContaining(["WSAPoll", name]));
    sys.close(HANDLE);
    expect(names(winsock.during(() => call(HANDLE)).calls)).not.toContain("WSAPoll");
  });

  it("are not waited for once reading was shut down, which WSAPoll does not tell", () => {
    const { SHUT_RD, SHUT_RDWR, SHUT_WR } = constants;
    options[SO_RCVTIMEO] = 50;
    const calls = (how: number): string[] => {
      sys.setNonBlocking(HANDLE, false);
      sys.shutdown(HANDLE, how);
      const { calls } = winsock.during(() => sys.recv(HANDLE, 1, 1, 0));
      sys.close(HANDLE);
      return names(calls);
    };
    expect(calls(SHUT_RD)).not.toContain("WSAPoll");
    expect(calls(SHUT_RDWR)).not.toContain("WSAPoll");
    expect(calls(SHUT_WR), "of the same number").toContain("WSAPoll");
  });

  it("end a send that took too long, which is not the connection's own time running out", () => {
    fail("send", constants.ETIMEDOUT);
    sys.setNonBlocking(HANDLE, false);
    expect(sys.send(HANDLE, 1, 1)).toBe(-constants.ETIMEDOUT);
    options[SO_SNDTIMEO] = 50;
    expect(sys.send(HANDLE, 1, 1)).toBe(-constants.EAGAIN);
    sys.setNonBlocking(HANDLE, true);
    expect(sys.sendBytes(HANDLE, address)).toBe(-constants.ETIMEDOUT);
  });

  it("end a connect, which goes on", () => {
    sys.setNonBlocking(HANDLE, false);
    options[SO_SNDTIMEO] = 50;
    fail("connect", constants.EWOULDBLOCK);
    const over = winsock.during(() => sys.connect(HANDLE, address));
    expect(over.result).toBe(-constants.EINPROGRESS);
    expect(over.calls.at(-1)).toBe(`ioctlsocket(${HANDLE}, ${0x8004667e}, [0])`);

    winsock.results["WSAPoll"] = 1;
    expect(sys.connect(HANDLE, address)).toBe(0);
    options[SO_ERROR] = constants.ECONNREFUSED;
    expect(sys.connect(HANDLE, address)).toBe(-constants.ECONNREFUSED);
  });
});

describe("every failing call", () => {
  it.each<[string, (sys: System) => number]>([
    ["WSASocketW", (sys) => sys.socket(1, 1, 0)],
    ["bind", (sys) => sys.bind(HANDLE, address)],
    ["listen", (sys) => sys.listen(HANDLE, 1)],
    ["accept", (sys) => sys.accept(HANDLE)],
    ["connect", (sys) => sys.connect(HANDLE, address)],
    ["recv", (sys) => sys.recv(HANDLE, 1, 1, 0)],
    ["recv", (sys) => sys.recvBytes(HANDLE, address, 0)],
    ["send", (sys) => sys.send(HANDLE, 1, 1)],
    ["send", (sys) => sys.sendBytes(HANDLE, address)],
    ["recvfrom", (sys) => sys.recvFrom(HANDLE, 1, 1, address)],
    ["sendto", (sys) => sys.sendTo(HANDLE, 1, 1, address)],
    ["shutdown", (sys) => sys.shutdown(HANDLE, 1)],
    ["closesocket", (sys) => sys.close(HANDLE)],
    ["ioctlsocket", (sys) => sys.setNonBlocking(HANDLE, true)],
    ["getsockopt", (sys) => sys.getOption(HANDLE, 1, 1, address)],
    ["setsockopt", (sys) => sys.setOption(HANDLE, 1, 1, address)],
    ["getsockname", (sys) => sys.localAddress(HANDLE, address)],
    ["getpeername", (sys) => sys.remoteAddress(HANDLE, address)],
    ["WSAPoll", (sys) => sys.poll(1, 1, 0)],
  ])("gives what WSAGetLastError says, negated: %s", (name, call) => {
    fail(name, constants.ENOTSOCK);
    expect(call(sys)).toBe(-constants.ENOTSOCK);
  });

  it("is told apart from FALSE, which is 0", () => {
    winsock.results["SetHandleInformation"] = 0;
    fail("listen", 6);
    sys.listen(HANDLE, 1);
    expect(sys.setCloseOnExec(HANDLE)).toBe(-6);
    winsock.results["SetHandleInformation"] = 1;
    expect(sys.setCloseOnExec(HANDLE)).toBe(0);
  });
});
