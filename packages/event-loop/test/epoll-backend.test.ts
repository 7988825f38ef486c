import type { Socket } from "@p2pnet/socket";
import { replaceSystem, type System, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { EpollBackend } from "../src/backends/epoll.js";
import { availableBackends, EventLoop, READABLE, WRITABLE } from "../src/index.js";
import { connectTo, deliver, listening, openUntilHandle, receive, text } from "./contract/sockets.js";

const real = system();

describe.runIf(availableBackends().includes("epoll"))("EpollBackend", () => {
  const opened: { close(): void }[] = [];
  let listener: Socket;
  beforeEach(() => {
    listener = own(listening());
  });
  afterEach(() => {
    replaceSystem(real);
    for (const one of opened.splice(0)) one.close();
  });

  const own = <T extends { close(): void }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const pair = (): [Socket, Socket] => {
    const [near, far] = connectTo(listener);
    return [own(near), own(far)];
  };
  const wait = (backend: EpollBackend): Watched[] => {
    const ready = new ReadyList();
    backend.wait(0, ready);
    return Array.from({ length: ready.length }, (_, at) => ready.watchedAt(at));
  };
  /** A loop on system calls that differ from the real ones. */
  const loopOn = (change: Partial<System>): EventLoop => {
    replaceSystem({ ...real, ...change });
    return own(new EventLoop({ backend: "epoll" }));
  };

  it("drops an event of a registration that is over, although the number is watched again", () => {
    let ignored = 0;
    replaceSystem({
      ...real,
      // The kernel keeps the old registration, as it does when another process holds the socket too.
      epollControl: (epoll, operation, handle, event) =>
        operation === real.constants.EPOLL_CTL_DEL || ignored++ > 0
          ? 0
          : real.epollControl(epoll, operation, handle, event),
    });
    const backend = own(new EpollBackend());
    const [near, far] = pair();
    const old: Watched = { handle: near.handle, sequence: 1, interest: READABLE };
    const current: Watched = { handle: near.handle, sequence: 2, interest: READABLE };
    deliver(far, near, text("x"));
    backend.add(old);
    expect(wait(backend)).toEqual([old]);
    backend.remove(old);
    expect(wait(backend)).toEqual([]);
    backend.add(current);
    expect(wait(backend)).toEqual([]);
  });

  it("leaves a new socket alone when an old one of the same number, closed behind its back, is removed", async () => {
    const loop = own(new EventLoop({ backend: "epoll" }));
    const [old] = connectTo(listener);
    loop.add(old, { onReadable() {} });
    const { handle } = old;
    real.close(handle);
    const fresh = openUntilHandle(handle).map(own).at(-1)!;
    fresh.connect(listener.localAddress);
    const far = own(listener.accept()!);
    let got = "";
    loop.add(fresh, {
      onReadable() {
        got += receive(fresh);
        loop.stop();
      },
    });
    loop.remove(old);
    old.detach();
    far.send(text("still here"));
    loop.timers.set(1_000, () => loop.stop());
    await loop.run();
    expect(got).toBe("still here");
  });

  it("has a descriptor that another can watch", () => {
    const backend = own(new EpollBackend());
    const outer = own(new EpollBackend());
    const bell: Watched = { handle: backend.descriptor, sequence: 0, interest: READABLE };
    outer.add(bell);
    const [near, far] = pair();
    backend.add({ handle: near.handle, sequence: 1, interest: READABLE });
    expect(wait(outer)).toEqual([]);
    deliver(far, near, text("x"));
    expect(wait(outer)).toEqual([bell]);
  });

  it("tells the system's error when there is no descriptor for it", () => {
    replaceSystem({ ...real, epollCreate: () => -real.constants.EMFILE });
    expect(() => new EventLoop({ backend: "epoll" })).toThrow(expect.objectContaining({ code: "EMFILE" }));
  });

  it("tells what epoll_ctl refuses, and the loop is as before", () => {
    let fails = true;
    const { EPOLL_CTL_ADD, EPOLL_CTL_MOD, ENOBUFS, ENOMEM } = real.constants;
    const loop = loopOn({
      epollControl(epoll, operation, handle, event) {
        if (fails && operation === EPOLL_CTL_ADD) return -ENOBUFS!;
        if (fails && operation === EPOLL_CTL_MOD) return -ENOMEM;
        return real.epollControl(epoll, operation, handle, event);
      },
    });
    const [near] = pair();
    expect(() => loop.add(near, { onReadable() {} })).toThrow(expect.objectContaining({ code: "ENOBUFS" }));
    expect(loop.size).toBe(0);
    fails = false;
    loop.add(near, { onReadable() {} });
    fails = true;
    expect(() => loop.modify(near, WRITABLE)).toThrow(expect.objectContaining({ code: "ENOMEM" }));
    fails = false;
    loop.modify(near, 0);
    fails = true;
    expect(() => loop.modify(near, READABLE)).toThrow(expect.objectContaining({ code: "ENOBUFS" }));
    expect(loop.size).toBe(1);
  });

  it("tells a change that failed again when it is asked for again", async () => {
    let fails = false;
    const loop = loopOn({
      epollControl: (epoll, operation, handle, event) =>
        fails ? -real.constants.ENOMEM : real.epollControl(epoll, operation, handle, event),
    });
    const [near] = pair();
    let told = 0;
    const onWritable = (): void => {
      told++;
      loop.stop();
    };
    loop.add(near, { onWritable }, READABLE);
    fails = true;
    expect(() => loop.modify(near, WRITABLE)).toThrow();
    fails = false;
    loop.modify(near, WRITABLE);
    loop.timers.set(1_000, () => loop.stop());
    await loop.run();
    expect(told).toBe(1);
  });

  it("rejects run when libuv cannot be watched, and runs the next time", async () => {
    let fails = true;
    const loop = loopOn({
      epollControl: (epoll, operation, handle, event) =>
        fails ? -real.constants.ENOMEM : real.epollControl(epoll, operation, handle, event),
    });
    let fired = 0;
    loop.timers.set(1, () => fired++);
    await expect(loop.run()).rejects.toThrow(expect.objectContaining({ code: "ENOMEM" }));
    expect(loop.running).toBe(false);
    fails = false;
    await loop.run();
    expect(fired).toBe(1);
  });

  it("closes a socket all the same when it cannot be unregistered", () => {
    let fails = false;
    const loop = loopOn({
      epollControl: (epoll, operation, handle, event) =>
        fails ? -real.constants.ENOMEM : real.epollControl(epoll, operation, handle, event),
    });
    const [near] = pair();
    loop.add(near, {}, READABLE);
    fails = true;
    expect(() => near.close()).toThrow(expect.objectContaining({ code: "ENOMEM" }));
    expect(loop.size).toBe(0);
    near.close();
    expect(near.closed).toBe(true);
  });
});
