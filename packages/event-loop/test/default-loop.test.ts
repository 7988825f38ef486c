import { existsSync } from "node:fs";
import type { Socket } from "@p2pnet/socket";
import { describe, expect, it } from "vitest";
import { availableBackends, defaultLoop, EventLoop, READABLE } from "../src/index.js";
import { closedAfterwards } from "./closed-afterwards.js";
import { inChild } from "./contract/child.js";
import { Recorder } from "./contract/recorder.js";
import { connectedPair, receive, text } from "./contract/sockets.js";
import { subjectOf } from "./contract/subject.js";

const nodeTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const pair = (): [Socket, Socket] => closedAfterwards(connectedPair());

describe("the default loop", () => {
  it("is one a thread, and rests until there is something to do", () => {
    expect(defaultLoop()).toBe(defaultLoop());
    expect(defaultLoop().running).toBe(false);
  });

  it("runs by itself while it has sockets or timers, again and again", async () => {
    const loop = defaultLoop();
    for (let round = 0; round < 3; round++) {
      const [near, far] = pair();
      const recorder = new Recorder({ data: () => stream.close() });
      const stream = loop.stream(near, recorder);
      expect(loop.running).toBe(true);
      far.send(text("hello"));
      while (loop.running) await nodeTurns();
      expect(recorder.told).toEqual(["data hello"]);

      await new Promise<void>((resolve) => void loop.timers.set(5, resolve));
      while (loop.running) await nodeTurns();
    }
  });

  it("goes on with the next change after it was stopped", async () => {
    const loop = defaultLoop();
    const [near, far] = pair();
    let got = "";
    loop.add(near, {
      onReadable() {
        got += receive(near);
        loop.remove(near);
      },
    });
    loop.stop();
    far.send(text("x"));
    await nodeTurns();
    expect(got).toBe("");
    loop.wake();
    while (loop.running) await nodeTurns();
    expect(got).toBe("x");
  });
});

describe("a loop that runs by itself", () => {
  it.each(availableBackends())("does nothing any more once it is closed: %s", async (backend) => {
    const loop = new EventLoop({ backend, autoRun: true });
    const sockets = [pair(), pair()].flat();
    for (const socket of sockets) loop.add(socket, {}, READABLE);
    expect(loop.running).toBe(true);
    loop.close();
    expect(loop.running).toBe(false);
    let fired = 0;
    loop.timers.set(0, () => fired++);
    loop.wake();
    await nodeTurns();
    expect(loop.running).toBe(false);
    expect(fired).toBe(0);
    expect(sockets.every((socket) => !socket.closed)).toBe(true);
  });
});

describe("importing the package", () => {
  // Elsewhere nothing tells what a process has loaded.
  it.runIf(existsSync("/proc/self/maps"))("loads no native code and starts nothing", async () => {
    const { told, code } = await inChild(subjectOf(availableBackends()[0]!, "nested"), ({ EventLoop, tell }) => {
      const { readFileSync } = process.getBuiltinModule("node:fs");
      const loaded = (): boolean => readFileSync("/proc/self/maps", "utf8").includes("koffi");
      tell(loaded());
      new EventLoop().close();
      tell(loaded());
    });
    expect({ told, code }).toEqual({ told: [false, true], code: 0 });
  });
});
