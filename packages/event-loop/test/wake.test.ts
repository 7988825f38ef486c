import { replaceSystem, system } from "@p2pnet/sys";
import { expect, it, onTestFinished } from "vitest";
import { availableBackends, EventLoop } from "../src/index.js";

it.each(availableBackends().filter((name) => name === "epoll" || name === "poll"))(
  "wake lets the next wait return at once, and only that one: %s",
  (backend) => {
    const real = system();
    onTestFinished(() => void replaceSystem(real));
    const waits: number[] = [];
    replaceSystem({
      ...real,
      poll(address, count, timeoutMs) {
        waits.push(timeoutMs);
        return real.poll(address, count, Math.min(timeoutMs, 1));
      },
      epollWait(epoll, events, count, timeoutMs) {
        waits.push(timeoutMs);
        return real.epollWait(epoll, events, count, Math.min(timeoutMs, 1));
      },
    });
    const loop = new EventLoop({ backend });
    onTestFinished(() => loop.close());
    loop.timers.set(5, () => {
      loop.wake();
      waits.length = 0;
      loop.timers.set(20, () => loop.stop());
    });
    loop.runSync();
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBeGreaterThan(0);
  },
);
