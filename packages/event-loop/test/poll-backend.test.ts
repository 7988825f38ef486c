import type { Socket } from "@p2pnet/socket";
import { afterEach, describe, expect, it } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { PollBackend } from "../src/backends/poll.js";
import { READABLE, WRITABLE } from "../src/index.js";
import { connectTo, deliver, listening, text } from "./contract/sockets.js";

describe("PollBackend", () => {
  const opened: Socket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close();
  });

  const pairs = (count: number): { watched: Watched & { interest: number }; far: Socket; near: Socket }[] => {
    const listener = listening();
    opened.push(listener);
    return Array.from({ length: count }, (_, sequence) => {
      const [near, far] = connectTo(listener);
      opened.push(near, far);
      return { watched: { handle: near.handle, sequence, interest: READABLE }, near, far };
    });
  };

  const wait = (backend: PollBackend, timeoutMs = 0): Map<Watched, number> => {
    const ready = new ReadyList();
    backend.wait(timeoutMs, ready);
    return new Map(Array.from({ length: ready.length }, (_, at) => [ready.watchedAt(at), ready.readyAt(at)]));
  };

  it("starts with room for 16 and doubles, keeping what it watches", () => {
    const backend = new PollBackend();
    const all = pairs(33);
    const capacities = all.map(({ watched }) => {
      backend.add(watched);
      return backend.capacity;
    });
    expect(capacities[0]).toBe(16);
    expect(capacities.slice(15, 17)).toEqual([16, 32]);
    expect(capacities.slice(31)).toEqual([32, 64]);
    for (const { near, far } of all) deliver(far, near, text("x"));
    expect([...wait(backend).keys()]).toEqual(all.map(({ watched }) => watched));
    for (const { watched } of all) backend.remove(watched);
    expect(backend.capacity).toBe(64);
    expect(wait(backend).size).toBe(0);
  });

  it.each([
    { where: "first", index: 0, left: [4, 1, 2, 3] },
    { where: "in the middle", index: 2, left: [0, 1, 4, 3] },
    { where: "last", index: 4, left: [0, 1, 2, 3] },
  ])("puts the last into the place of one that is removed $where", ({ index, left }) => {
    const backend = new PollBackend();
    const all = pairs(5);
    for (const { watched } of all) backend.add(watched);
    for (const { near, far } of all) deliver(far, near, text("x"));
    backend.remove(all[index]!.watched);
    expect([...wait(backend).keys()]).toEqual(left.map((at) => all[at]!.watched));

    // The one that was moved is still changed and removed by itself.
    const moved = all[4]!.watched;
    if (index === 4) return;
    moved.interest = WRITABLE;
    backend.modify(moved);
    expect(wait(backend).get(moved)).toBe(WRITABLE);
    backend.remove(moved);
    expect(wait(backend).size).toBe(3);
  });

  it("waits no longer than it is told to, also with nothing to watch", () => {
    const backend = new PollBackend();
    const started = performance.now();
    expect(wait(backend, 20).size).toBe(0);
    expect(performance.now() - started).toBeGreaterThanOrEqual(19);
  });

  it("has no descriptor that could be watched itself", () => {
    expect(new PollBackend().descriptor).toBeNull();
  });
});
