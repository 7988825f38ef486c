import { beforeEach, describe, expect, it } from "vitest";
import type { CLibrary } from "../src/c-function.js";
import { constantsFor } from "../src/constants/constants.js";
import { NativeMemory } from "../src/memory.js";
import { loadPosix } from "../src/posix.js";
import type { System } from "../src/system.js";

const { EINTR, EBADF, EINPROGRESS } = constantsFor("linux", "x64");

const errno = new NativeMemory(4);
const errnoValue = new Int32Array(errno.bytes.buffer);
/** How the coming calls end: a positive number is an errno, others are what the call returns, negated. */
let outcomes: number[] = [];
let called: string[] = [];

/** A C library whose calls end as told. */
const libc = {
  func: (signature: string) => {
    const name = /(\w+)\(/.exec(signature)![1]!;
    if (name === "__errno_location") return () => errno.address;
    return () => {
      called.push(name);
      const outcome = outcomes.shift() ?? 0;
      if (outcome <= 0) return -outcome;
      errnoValue[0] = outcome;
      return -1;
    };
  },
} as unknown as CLibrary;

const system: System = loadPosix("linux", "x64", { libc });
const bytes = new Uint8Array(4);
const from = new Uint8Array(128);
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
  { name: "recvmsg", call: () => system.recvFrom(3, 1, 1, from) },
  { name: "sendto", call: () => system.sendTo(3, 1, 1, bytes) },
  { name: "recvmmsg", call: () => system.recvMessages!(3, 1, 1) },
  { name: "sendmmsg", call: () => system.sendMessages!(3, 1, 1) },
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
/** The two that make one do not wait. */
const notRetried = ["close", "connect", "poll", "epoll_wait", "epoll_create1", "epoll_ctl"];

beforeEach(() => {
  outcomes = [];
  called = [];
});

/** The errors that the coming calls end with. After them, calls succeed. */
function failWith(...errors: number[]): void {
  outcomes = errors;
}

describe("the calls of a system", () => {
  it("are all here", () => {
    const others = ["constants", "layouts", "addresses", "pollAsync", "epollWaitAsync", "ioUring"];
    expect(calls.length).toBe(Object.keys(system).filter((name) => !others.includes(name)).length);
  });

  it.each(calls)("$name gives the negated errno", ({ call }) => {
    failWith(EBADF);
    expect(call()).toBe(-EBADF);
  });

  it.each(calls)("$name looks at errno when it failed only", ({ call }) => {
    errnoValue[0] = EBADF;
    expect(call()).toBeGreaterThanOrEqual(0);
  });
});

describe("a call that a signal interrupts", () => {
  it.each(calls.filter(({ name }) => !notRetried.includes(name)))("is made again: $name", ({ name, call }) => {
    const once = (): number => {
      called = [];
      call();
      return called.length;
    };
    const usual = once();
    failWith(EINTR, EINTR);
    expect(once()).toBe(usual + 2);
    expect(new Set(called)).toEqual(new Set([name]));

    failWith(EINTR, EBADF);
    expect(call()).toBe(-EBADF);
  });

  it("is not made again when it closes: another may have got the number meanwhile", () => {
    failWith(EINTR);
    expect(system.close(3)).toBe(-EINTR);
    expect(called).toEqual(["close"]);
  });

  it("is not made again when it connects: the connect goes on by itself", () => {
    failWith(EINTR);
    expect(system.connect(3, bytes)).toBe(-EINTR);
    expect(called).toEqual(["connect"]);
    failWith(EINPROGRESS);
    expect(system.connect(3, bytes)).toBe(-EINPROGRESS);
  });

  it("found nothing when it waits, so that the caller works out its timeout anew", () => {
    failWith(EINTR);
    expect(system.poll(1, 1, 1000)).toBe(0);
    failWith(EINTR);
    expect(system.epollWait(3, 1, 1, 1000)).toBe(0);
    expect(called).toEqual(["poll", "epoll_wait"]);
  });
});
