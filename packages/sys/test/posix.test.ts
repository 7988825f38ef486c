import { closeSync, openSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { system } from "../src/current-system.js";
import { ffi } from "../src/load.js";
import { NativeMemory } from "../src/memory.js";
import { connectedPair, type HandlePair, listening, succeeded } from "./handle-pair.js";
import { jsonOf } from "./run-program.js";

const sys = system();
const { constants } = sys;
const NO_SUCH_HANDLE = 1_000_000;

const openHandle = (): number => succeeded("socket", sys.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
/** The flags of a descriptor, as open(2) has them. Source: proc(5). */
const flagsOf = (handle: number): number =>
  Number.parseInt(/flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${handle}`, "utf8"))![1]!, 8);
const isNonBlocking = (handle: number): boolean => (flagsOf(handle) & constants.O_NONBLOCK!) !== 0;
/** O_CLOEXEC, which the kernel shows for FD_CLOEXEC. */
const isCloseOnExec = (handle: number): boolean => (flagsOf(handle) & 0o2000000) !== 0;

describe("handles", () => {
  it("are non-blocking, and no exec inherits them", () => {
    const { handle: listener, address } = listening();
    const left = openHandle();
    expect(sys.connect(left, address)).toBe(-constants.EINPROGRESS);
    const right = succeeded("accept", sys.accept(listener));
    const epoll = sys.epollCreate();
    expect([listener, left, right].map(isNonBlocking)).toEqual([true, true, true]);
    expect([listener, left, right, epoll].map(isCloseOnExec)).toEqual([true, true, true, true]);
    for (const handle of [listener, left, right, epoll]) expect(sys.close(handle)).toBe(0);
  });

  it("can be made blocking, and non-blocking again", () => {
    const handle = openHandle();
    expect(sys.setNonBlocking(handle, false)).toBe(0);
    expect(isNonBlocking(handle)).toBe(false);
    expect(sys.setNonBlocking(handle, true)).toBe(0);
    expect(isNonBlocking(handle)).toBe(true);
    sys.close(handle);
  });

  it("that others opened can be kept from an exec", () => {
    const original = openHandle();
    // As a duplicate, which execs inherit.
    const duplicate: number = ffi().load(null).func("int dup(int)")(original);
    expect(isCloseOnExec(duplicate)).toBe(false);
    expect(sys.setCloseOnExec(duplicate)).toBe(0);
    expect(isCloseOnExec(duplicate)).toBe(true);
    for (const handle of [original, duplicate]) sys.close(handle);
  });
});

describe("calls", () => {
  let pair: HandlePair;
  beforeEach(() => {
    pair = connectedPair();
  });
  afterEach(() => pair.close());

  it("wait with epoll", () => {
    const { size, fields } = sys.layouts.epoll_event!;
    const memory = new NativeMemory(size);
    const view = new DataView(memory.bytes.buffer);
    const epoll = sys.epollCreate();
    view.setUint32(fields.events.offset, constants.EPOLLIN!, true);
    view.setUint32(fields.data.offset, 4711, true);
    expect(sys.epollControl(epoll, constants.EPOLL_CTL_ADD!, pair.right, memory.address)).toBe(0);
    expect(sys.epollWait(epoll, memory.address, 1, 0)).toBe(0);
    sys.sendBytes(pair.left, Uint8Array.of(1));
    memory.bytes.fill(0);
    expect(sys.epollWait(epoll, memory.address, 1, -1)).toBe(1);
    expect(view.getUint32(fields.data.offset, true)).toBe(4711);
    expect(view.getUint32(fields.events.offset, true)).toBe(constants.EPOLLIN);
    sys.close(epoll);
  });
});

describe("a failing call gives the system's own negated errno", () => {
  const one = new Uint8Array(1);
  const memory = new NativeMemory(16);
  /** An option that no system has. */
  const NO_OPTION = 9999;

  it.each<[string, keyof typeof constants, () => number]>([
    ["socket", "EAFNOSUPPORT", () => sys.socket(9999, constants.SOCK_STREAM, 0)],
    ["bind", "EBADF", () => sys.bind(NO_SUCH_HANDLE, new Uint8Array(16))],
    ["listen", "EBADF", () => sys.listen(NO_SUCH_HANDLE, 1)],
    ["accept", "EBADF", () => sys.accept(NO_SUCH_HANDLE)],
    ["connect", "EBADF", () => sys.connect(NO_SUCH_HANDLE, new Uint8Array(16))],
    ["recv", "EBADF", () => sys.recv(NO_SUCH_HANDLE, memory.address, 1, 0)],
    ["recvBytes", "EBADF", () => sys.recvBytes(NO_SUCH_HANDLE, one, 0)],
    ["send", "EBADF", () => sys.send(NO_SUCH_HANDLE, memory.address, 1)],
    ["sendBytes", "EBADF", () => sys.sendBytes(NO_SUCH_HANDLE, one)],
    ["sendMessage", "EBADF", () => sys.sendMessage(NO_SUCH_HANDLE, memory.address)],
    ["shutdown", "EBADF", () => sys.shutdown(NO_SUCH_HANDLE, constants.SHUT_WR)],
    ["close", "EBADF", () => sys.close(NO_SUCH_HANDLE)],
    ["setNonBlocking", "EBADF", () => sys.setNonBlocking(NO_SUCH_HANDLE, true)],
    ["setCloseOnExec", "EBADF", () => sys.setCloseOnExec(NO_SUCH_HANDLE)],
    ["getOption", "EBADF", () => sys.getOption(NO_SUCH_HANDLE, constants.SOL_SOCKET, constants.SO_TYPE, one)],
    ["setOption", "EBADF", () => sys.setOption(NO_SUCH_HANDLE, constants.SOL_SOCKET, constants.SO_LINGER, one)],
    ["localAddress", "EBADF", () => sys.localAddress(NO_SUCH_HANDLE, one)],
    ["remoteAddress", "EBADF", () => sys.remoteAddress(NO_SUCH_HANDLE, one)],
    ["poll", "EFAULT", () => sys.poll(1, 1, 0)],
    ["epollControl", "EBADF", () => sys.epollControl(NO_SUCH_HANDLE, constants.EPOLL_CTL_DEL!, 0, 0)],
    ["epollWait", "EBADF", () => sys.epollWait(NO_SUCH_HANDLE, memory.address, 1, 0)],
  ])("%s: %s", (_, code, call) => {
    expect(call()).toBe(-constants[code]!);
  });

  it("each call its own, and none after one that succeeds", () => {
    const file = openSync("/dev/null", "r");
    const handle = openHandle();
    expect(sys.recv(file, memory.address, 1, 0)).toBe(-constants.ENOTSOCK);
    expect(sys.recv(NO_SUCH_HANDLE, memory.address, 1, 0)).toBe(-constants.EBADF);
    expect(sys.setNonBlocking(handle, true)).toBe(0);
    expect(sys.remoteAddress(handle, new Uint8Array(128))).toBe(-constants.ENOTCONN);
    expect(sys.getOption(handle, constants.SOL_SOCKET, NO_OPTION, one)).toBe(-constants.ENOPROTOOPT);
    sys.close(handle);
    closeSync(file);
  });

  it("is right in each thread, at the same time", () => {
    // Each thread fails in its own way, over and over, while the other does.
    const codes = jsonOf(`
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      const failing = (call) => \`
        Promise.all([import("node:worker_threads"), import("@p2pnet/sys")]).then(([{ parentPort }, { system }]) => {
          const sys = system();
          const seen = new Set();
          for (let i = 0; i < 50_000; i++) seen.add(\${call});
          parentPort.postMessage([...seen]);
        });\`;
      const workers = ["sys.close(1_000_000)", "sys.socket(9999, 1, 0)"].map((call) => new Worker(failing(call), { eval: true }));
      const messages = await Promise.all(workers.map((worker) => once(worker, "message")));
      console.log(JSON.stringify(messages.flat()));
    `);
    expect(codes).toEqual([[-constants.EBADF], [-constants.EAFNOSUPPORT]]);
  });
});
