import { constantsFor, replaceSystem, system } from "@p2pnet/sys";
import { describe, expect, it, onTestFinished } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { KqueueBackend } from "../src/backends/kqueue.js";
import { FAILED, HANGUP, READABLE, WRITABLE } from "../src/index.js";
import { openBell, ring } from "../src/mailbox-bell.js";
import { KQUEUE, ScriptedKqueue } from "./scripted-kqueue.js";

const { EVFILT_READ, EVFILT_WRITE, EV_EOF, EV_ERROR } = KQUEUE;
const real = system();

function open(): { kqueue: ScriptedKqueue; backend: KqueueBackend } {
  const kqueue = new ScriptedKqueue();
  onTestFinished(() => kqueue.close());
  return { kqueue, backend: new KqueueBackend(kqueue) };
}

const watch = (handle: number, interest: number): Watched & { interest: number } => ({
  handle,
  sequence: handle * 10,
  interest,
});

function wait(backend: KqueueBackend, timeoutMs = 0): [Watched, number][] {
  const ready = new ReadyList();
  backend.wait(timeoutMs, ready);
  return Array.from({ length: ready.length }, (_, at) => [ready.watchedAt(at), ready.readyAt(at)]);
}

describe("KqueueBackend", () => {
  it("asks for each filter once, and takes it away when nobody wants it", () => {
    const { kqueue, backend } = open();
    const watched = watch(7, READABLE);
    backend.add(watched);
    for (const interest of [READABLE | WRITABLE, READABLE | WRITABLE, WRITABLE]) {
      watched.interest = interest;
      backend.modify(watched);
    }
    backend.remove(watched);
    backend.remove(watched);
    expect(kqueue.asked).toEqual(["add read 7", "add write 7", "delete read 7", "delete write 7"]);
  });

  it.each([
    { what: "readable", events: [{ filter: EVFILT_READ }], ready: READABLE },
    { what: "writable", events: [{ filter: EVFILT_WRITE }], ready: WRITABLE },
    { what: "both, once", events: [{ filter: EVFILT_WRITE }, { filter: EVFILT_READ }], ready: READABLE | WRITABLE },
    { what: "the peer's end as something to read", events: [{ filter: EVFILT_READ, flags: EV_EOF }], ready: READABLE },
    {
      what: "a reset",
      events: [{ filter: EVFILT_READ, flags: EV_EOF, fflags: 54 }],
      ready: READABLE | FAILED,
    },
    {
      what: "that nothing can be sent any more",
      events: [{ filter: EVFILT_WRITE, flags: EV_EOF }],
      ready: WRITABLE | HANGUP,
    },
    {
      what: "a refused connect",
      events: [{ filter: EVFILT_WRITE, flags: EV_EOF, fflags: 61 }],
      ready: WRITABLE | HANGUP | FAILED,
    },
    { what: "a filter that failed", events: [{ filter: EVFILT_READ, flags: EV_ERROR }], ready: READABLE | FAILED },
  ])("tells $what", ({ events, ready }) => {
    const { kqueue, backend } = open();
    const watched = watch(7, READABLE | WRITABLE);
    backend.add(watched);
    kqueue.events = events.map((event) => ({ ident: 7, udata: watched.sequence, ...event }));
    expect(wait(backend)).toEqual([[watched, ready]]);
    expect(wait(backend)).toEqual([]);
  });

  it("drops events of registrations that are over", () => {
    const { kqueue, backend } = open();
    const [old, gone] = [watch(7, READABLE), watch(8, READABLE)];
    backend.add(old);
    backend.add(gone);
    backend.remove(old);
    backend.remove(gone);
    backend.add({ ...old, sequence: 1 });
    kqueue.events = [old, gone].map(({ handle, sequence }) => ({
      ident: handle,
      filter: EVFILT_READ,
      udata: sequence,
    }));
    expect(wait(backend)).toEqual([]);
  });

  it("tells what cannot be added, and the kernel has what it had", () => {
    const { kqueue, backend } = open();
    kqueue.failures.set("add write 7", real.constants.ENOMEM);
    expect(() => backend.add(watch(7, READABLE | WRITABLE))).toThrow(expect.objectContaining({ code: "ENOMEM" }));
    expect(kqueue.asked).toEqual(["add read 7", "add write 7", "delete read 7"]);
  });

  it("forgets a handle that the kernel has forgotten, and tells other errors", () => {
    const { kqueue, backend } = open();
    const handles = { 7: real.constants.ENOENT!, 8: real.constants.EBADF, 9: real.constants.ENOMEM };
    const [seven, eight, nine] = Object.entries(handles).map(([handle, error]) => {
      const watched = watch(Number(handle), READABLE);
      backend.add(watched);
      kqueue.failures.set(`delete read ${handle}`, error);
      return watched;
    });
    backend.remove(seven!);
    backend.remove(eight!);
    expect(() => backend.remove(nine!)).toThrow(expect.objectContaining({ code: "ENOMEM", syscall: "kevent" }));
  });

  it("tells the system's error when there is no descriptor for it, or a wait fails", () => {
    const { kqueue, backend } = open();
    kqueue.kevent = () => -real.constants.EBADF;
    expect(() => wait(backend)).toThrow(expect.objectContaining({ code: "EBADF", syscall: "kevent" }));
    kqueue.create = () => -real.constants.EMFILE;
    expect(() => new KqueueBackend(kqueue)).toThrow(expect.objectContaining({ code: "EMFILE", syscall: "kqueue" }));
  });

  it("waits for other loops beside its queue, which is not asked to wait then", () => {
    const { kqueue, backend } = open();
    const other = openBell();
    onTestFinished(() => other.close());
    const loop: Watched = { handle: other.handle, sequence: 0, interest: READABLE, ofLoop: true };
    const watched = watch(7, READABLE);
    backend.add(watched);
    backend.add(loop);
    expect(wait(backend, 5)).toEqual([]);

    ring(real, other.handle);
    expect(wait(backend, -1)).toEqual([[loop, READABLE]]);
    ring(real, kqueue.bell.handle);
    kqueue.events = [{ ident: 7, filter: EVFILT_READ, udata: watched.sequence }];
    expect(wait(backend, -1)).toEqual([
      [loop, READABLE],
      [watched, READABLE],
    ]);

    backend.remove(loop);
    expect(wait(backend, 5)).toEqual([]);
    expect(kqueue.asked).toEqual(["add read 7", "wait 0", "wait 0", "wait 0", "wait 5"]);
  });

  it("nests, and can be watched, where kqueue is the system's own", () => {
    onTestFinished(() => void replaceSystem(real));
    const { backend: borrowed } = open();
    expect([borrowed.nests, borrowed.descriptor]).toEqual([false, null]);
    replaceSystem({ ...real, constants: { ...real.constants, EV_ADD: constantsFor("darwin", "arm64").EV_ADD } });
    const { kqueue, backend: own } = open();
    expect([own.nests, own.descriptor]).toEqual([true, kqueue.bell.handle]);
  });
});
