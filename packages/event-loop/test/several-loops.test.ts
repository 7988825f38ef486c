import type { Socket } from "@p2pnet/socket";
import { replaceSystem, system } from "@p2pnet/sys";
import { describe, expect, it, onTestFinished } from "vitest";
import { availableBackends, type BackendName, EventLoop, READABLE } from "../src/index.js";
import { closedAfterwards } from "./closed-afterwards.js";
import { inChild } from "./contract/child.js";
import { Recorder } from "./contract/recorder.js";
import { connectedPair, text } from "./contract/sockets.js";
import { hostsOf, subjectOf } from "./contract/subject.js";

const HERE = availableBackends();
const WAITING = HERE.filter((name) => name !== "libuv");
const COMBINATIONS = [
  ["epoll", "epoll"],
  ["epoll", "poll"],
  ["poll", "epoll"],
  ["poll", "poll"],
  ["libuv", "epoll"],
  ["libuv", "libuv"],
  ["epoll", "poll", "epoll", "libuv"],
].filter((names): names is BackendName[] => names.every((name) => HERE.some((here) => here === name)));

function openLoops(names: readonly BackendName[]): EventLoop[] {
  return closedAfterwards(names.map((backend) => new EventLoop({ backend })));
}

const pair = (): [Socket, Socket] => closedAfterwards(connectedPair());

const nodeTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("several loops on one thread", () => {
  it.each(COMBINATIONS.map((names) => ({ names })))("let each other rest: $names", async ({ names }) => {
    const loops = openLoops(names);
    for (const loop of loops) loop.add(pair()[0], {}, READABLE);
    const running = loops.map((loop) => loop.run());
    await new Promise((resolve) => setTimeout(resolve, 10));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { user, system } = process.cpuUsage(before);
    for (const loop of loops) loop.stop();
    await Promise.all(running);
    expect((user + system) / 1000).toBeLessThan(80);
  });

  it.each(COMBINATIONS.map((names) => ({ names })))("serve each other, and their timers: $names", async ({ names }) => {
    const loops = openLoops(names);
    const rounds = 20;
    const fired: number[] = [];
    // Each loop has a client of the next loop's server, which answers.
    const recorders = loops.map((loop, index) => {
      const next = loops[(index + 1) % loops.length]!;
      const [near, far] = pair();
      const server = next.stream(far, new Recorder({ data: () => server.write(text("x")) }));
      const recorder = new Recorder({
        data() {
          if (recorder.length < rounds) client.write(text("x"));
          else for (const stream of [client, server]) stream.close();
        },
      });
      const client = loop.stream(near, recorder);
      client.write(text("x"));
      loop.timers.set(10, () => void fired.push(index));
      return recorder;
    });
    await Promise.all(loops.map((loop) => loop.run()));
    expect(recorders.map(({ length }) => length)).toEqual(loops.map(() => rounds));
    expect(fired.sort()).toEqual(loops.map((_, index) => index));
  });

  it.each(COMBINATIONS.map((names) => ({ names })))("may stop, end and join at any time: $names", async ({ names }) => {
    const loops = openLoops(names);
    const idle = loops.map((loop) => {
      const [near] = pair();
      loop.add(near, {}, READABLE);
      return near;
    });
    let running = loops.map((loop) => loop.run());
    await nodeTurn();
    // One after the other stops, and the rest goes on.
    for (const [index, loop] of loops.entries()) {
      const others = loops.filter((other) => other !== loop);
      loop.stop();
      await running[index];
      for (const other of others) await new Promise<void>((resolve) => void other.timers.set(1, resolve));
      running[index] = loop.run();
    }
    // From inside of another's turn.
    await new Promise<void>((resolve) => {
      loops[0]!.timers.set(1, () => {
        for (const loop of loops) loop.stop();
        running = loops.map((loop) => loop.run());
        resolve();
      });
    });
    // The first to have nothing left returns, although the others rest for long.
    for (const [index, socket] of idle.entries()) {
      setImmediate(() => socket.close());
      await running[index];
      expect(loops.map((loop) => loop.running)).toEqual(loops.map((_, other) => other > index));
    }
  });

  it.runIf(hostsOf("epoll").includes("nested"))("run on when one cannot join them", async () => {
    const real = system();
    onTestFinished(() => void replaceSystem(real));
    let fails = false;
    replaceSystem({
      ...real,
      epollControl: (epoll, operation, handle, event) =>
        fails ? -real.constants.ENOMEM : real.epollControl(epoll, operation, handle, event),
    });
    const [first] = openLoops(["epoll"]);
    replaceSystem(real);
    const [second] = openLoops(["epoll"]);
    first!.add(pair()[0], {}, READABLE);
    const running = first!.run();
    await nodeTurn();
    fails = true;
    await expect(second!.run()).rejects.toThrow(expect.objectContaining({ code: "ENOMEM" }));
    fails = false;
    expect(first!.running).toBe(true);
    await new Promise<void>((resolve) => void first!.timers.set(1, resolve));
    await nodeTurn();
    first!.stop();
    await running;
  });

  it.each(WAITING)("end together when none is to keep the process running, however busy: %s", async (name) => {
    const { code, stderr, signal } = await inChild(
      subjectOf(name, hostsOf(name)[0]!),
      ({ EventLoop, createLoop, run, pair, subject }) => {
        for (const loop of [createLoop(), createLoop(), new EventLoop({ backend: subject.companion })]) {
          const [near, far] = pair();
          far.send(new Uint8Array(1));
          // Always ready: nobody reads.
          loop.add(near, { onReadable() {} });
          loop.unref();
          void run(loop);
        }
        setTimeout(() => {}, 20);
      },
    );
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: "" });
  });

  it("keep the process running as long as one of them is to", async () => {
    const { told, code } = await inChild(
      subjectOf(WAITING[0]!, hostsOf(WAITING[0]!)[0]!),
      ({ createLoop, run, pair, READABLE, tell }) => {
        const [first, second] = [createLoop(), createLoop()];
        for (const loop of [first, second]) loop.add(pair()[0], {}, READABLE);
        first!.unref();
        void run(first!).then(() => tell("first returned"));
        void run(second!).then(() => tell("second returned"));
        second!.timers.set(30, () => {
          tell("timer");
          second!.stop();
        });
      },
    );
    expect({ told, code }).toEqual({ told: ["timer", "second returned"], code: 0 });
  });
});
