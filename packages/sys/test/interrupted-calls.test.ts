import { beforeEach, describe, expect, it, vi } from "vitest";
import { constantsFor } from "../src/constants/constants.js";
import { loadPosix } from "../src/posix.js";
import type { System } from "../src/system.js";

const { EINTR, EBADF, EINPROGRESS } = constantsFor("linux", "x64");

/** A C library whose calls end as told. It takes the place of the FFI library. */
const libc = vi.hoisted(() => ({
  errno: new Int32Array(1),
  /** How the coming calls end: a positive number is an errno, others are what the call returns. */
  outcomes: [] as number[],
  calls: [] as string[],
  load: () => ({
    func: (signature: string) => {
      const name = /(\w+)\(/.exec(signature)![1]!;
      if (name === "__errno_location") return () => null;
      return () => {
        libc.calls.push(name);
        const outcome = libc.outcomes.shift() ?? 0;
        if (outcome <= 0) return -outcome;
        libc.errno[0] = outcome;
        return -1;
      };
    },
  }),
  view: () => libc.errno.buffer,
}));
vi.mock(import("../src/load.js"), async (original) => ({ ...(await original()), ffi: () => libc as never }));

const system: System = loadPosix("linux", "x64");
const bytes = new Uint8Array(4);
const calls: { name: string; call(): number }[] = [
  { name: "socket", call: () => system.socket(2, 1, 0) },
  { name: "bind", call: () => system.bind(3, bytes) },
  { name: "listen", call: () => system.listen(3, 1) },
  { name: "accept4", call: () => system.accept(3) },
  { name: "connect", call: () => system.connect(3, bytes) },
  { name: "recv", call: () => system.recv(3, 1, 1, 0) },
  { name: "recv", call: () => system.recvBytes(3, bytes, 0) },
  { name: "send", call: () => system.send(3, 1, 1) },
  { name: "send", call: () => system.sendBytes(3, bytes) },
  { name: "sendmsg", call: () => system.sendMessage(3, 1) },
  { name: "shutdown", call: () => system.shutdown(3, 1) },
  { name: "close", call: () => system.close(3) },
  { name: "fcntl", call: () => system.setNonBlocking(3, true) },
  { name: "fcntl", call: () => system.setCloseOnExec(3) },
  { name: "getsockopt", call: () => system.getOption(3, 1, 1, bytes) },
  { name: "setsockopt", call: () => system.setOption(3, 1, 1, bytes) },
  { name: "getsockname", call: () => system.localAddress(3, bytes) },
  { name: "getpeername", call: () => system.remoteAddress(3, bytes) },
  { name: "poll", call: () => system.poll(1, 1, -1) },
  { name: "epoll_create1", call: () => system.epollCreate() },
  { name: "epoll_ctl", call: () => system.epollControl(3, 1, 4, 1) },
  { name: "epoll_wait", call: () => system.epollWait(3, 1, 1, -1) },
];
const notRetried = ["close", "connect", "poll", "epoll_wait"];

beforeEach(() => {
  libc.outcomes = [];
  libc.calls = [];
});

/** The errors that the coming calls end with. After them, calls succeed. */
function failWith(...errors: number[]): void {
  libc.outcomes = errors;
}

describe("the calls of a system", () => {
  it("are all here", () => {
    const tables = ["constants", "layouts", "addresses"];
    expect(calls.length).toBe(Object.keys(system).filter((name) => !tables.includes(name)).length);
  });

  it.each(calls)("$name gives the negated errno", ({ call }) => {
    failWith(EBADF);
    expect(call()).toBe(-EBADF);
  });

  it.each(calls)("$name looks at errno when it failed only", ({ call }) => {
    libc.errno[0] = EBADF;
    expect(call()).toBeGreaterThanOrEqual(0);
  });
});

describe("a call that a signal interrupts", () => {
  it.each(calls.filter(({ name }) => !notRetried.includes(name)))("is made again: $name", ({ name, call }) => {
    const once = (): number => {
      libc.calls = [];
      call();
      return libc.calls.length;
    };
    const usual = once();
    failWith(EINTR, EINTR);
    expect(once()).toBe(usual + 2);
    expect(new Set(libc.calls)).toEqual(new Set([name]));

    failWith(EINTR, EBADF);
    expect(call()).toBe(-EBADF);
  });

  it("is not made again when it closes: another may have got the number meanwhile", () => {
    failWith(EINTR);
    expect(system.close(3)).toBe(-EINTR);
    expect(libc.calls).toEqual(["close"]);
  });

  it("is not made again when it connects: the connect goes on by itself", () => {
    failWith(EINTR);
    expect(system.connect(3, bytes)).toBe(-EINTR);
    expect(libc.calls).toEqual(["connect"]);
    failWith(EINPROGRESS);
    expect(system.connect(3, bytes)).toBe(-EINPROGRESS);
  });

  it("found nothing when it waits, so that the caller works out its timeout anew", () => {
    failWith(EINTR);
    expect(system.poll(1, 1, 1000)).toBe(0);
    failWith(EINTR);
    expect(system.epollWait(3, 1, 1, 1000)).toBe(0);
    expect(libc.calls).toEqual(["poll", "epoll_wait"]);
  });
});
