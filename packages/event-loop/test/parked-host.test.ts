import type { Socket } from "@p2pnet/socket";
import { replaceSystem, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { availableBackends, EventLoop, READABLE } from "../src/index.js";
import { inChild } from "./contract/child.js";
import { openHandles } from "./contract/open-handles.js";
import { programOf } from "./contract/program.js";
import { ProgramFolder } from "./contract/program-folder.js";
import { runProgram } from "./contract/run-program.js";
import { connectedPair, deliver, receive, text } from "./contract/sockets.js";
import { subjectOf } from "./contract/subject.js";

/** A test that would have to wait for the end of a wait fails. */
const FOR_EVER_MS = 40_000;
const real = system();
const BACKENDS = (["epoll", "poll"] as const).filter((name) => availableBackends().includes(name));

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("the parked host", () => {
  const opened: { close(): void }[] = [];
  beforeEach(() => {
    process.env["P2PNET_HOST"] = "parked";
  });
  afterEach(() => {
    delete process.env["P2PNET_HOST"];
    replaceSystem(real);
    for (const one of opened.splice(0)) one.close();
  });

  const own = <T extends { close(): void }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const pair = (): [Socket, Socket] => {
    const [near, far] = connectedPair();
    return [own(near), own(far)];
  };
  /** A loop whose waits on other threads only end when something happens. */
  const waitsForEver = (backend: "epoll" | "poll"): { loop: EventLoop; parked(): Promise<void> } => {
    let waiting = 0;
    const counted = (done: () => void): (() => void) => {
      waiting++;
      return () => {
        waiting--;
        done();
      };
    };
    replaceSystem({
      ...real,
      pollAsync: (address, count, _, done) => real.pollAsync(address, count, FOR_EVER_MS, counted(done)),
      epollWaitAsync: (set, events, count, _, done) =>
        real.epollWaitAsync(set, events, count, FOR_EVER_MS, counted(done)),
    });
    const loop = own(new EventLoop({ backend }));
    const parked = async (): Promise<void> => {
      // A wait that was ended already is over within a few turns.
      do await turns();
      while (waiting === 0);
    };
    return { loop, parked };
  };

  describe.each(BACKENDS)("with %s", (backend) => {
    it("hears of everything that changes while it waits", async () => {
      const { loop, parked } = waitsForEver(backend);
      const [idle] = pair();
      const [near, far] = pair();
      const [other, otherFar] = pair();
      deliver(otherFar, other, text("was there already"));
      loop.add(idle, {}, READABLE);
      let told = (_: string): void => {};
      const next = (): Promise<string> =>
        new Promise((resolve) => {
          told = resolve;
        });
      const running = loop.run();

      await parked();
      let heard = next();
      far.send(text("from outside"));
      loop.add(near, { onReadable: () => told(receive(near)) });
      expect(await heard).toBe("from outside");

      await parked();
      heard = next();
      loop.add(other, { onReadable: () => told(receive(other)) }, 0);
      await parked();
      loop.modify(other, READABLE);
      expect(await heard).toBe("was there already");

      await parked();
      heard = next();
      loop.timers.set(1, () => told("timer"));
      expect(await heard).toBe("timer");

      await parked();
      heard = next();
      const stream = own(
        loop.stream(pair()[0], { onData() {}, onEnd() {}, onError() {}, onDrain: () => told("sent") }),
      );
      stream.write(text("x"));
      expect(await heard).toBe("sent");

      await parked();
      stream.close();
      loop.remove(near);
      loop.remove(other);
      idle.close();
      await running;
    });

    it("may be stopped, run again and closed while the other thread waits", async () => {
      const before = openHandles();
      const { loop, parked } = waitsForEver(backend);
      const [near, far] = pair();
      loop.add(near, {}, READABLE);
      const first = loop.run();
      await parked();
      loop.stop();
      const second = loop.run();
      await first;
      await parked();
      loop.close();
      await second;
      near.close();
      far.close();
      while (openHandles() > before) await new Promise((resolve) => setImmediate(resolve));
    });

    it("is told by the runtime's timers when all threads of the pool are taken", async () => {
      const { loop, parked } = waitsForEver(backend);
      // More than the pool has threads.
      const others = Array.from({ length: 6 }, () => own(new EventLoop({ backend })));
      for (const other of [loop, ...others]) other.add(pair()[0], {}, READABLE);
      const running = [...others, loop].map((one) => one.run());
      await parked();
      for (const other of [loop, ...others]) await new Promise<void>((resolve) => void other.timers.set(1, resolve));
      for (const other of [loop, ...others]) other.stop();
      await Promise.all(running);
    });

    it("rejects run when it cannot have a bell, and runs the next time", async () => {
      const loop = own(new EventLoop({ backend }));
      let fired = 0;
      loop.timers.set(1, () => fired++);
      replaceSystem({ ...real, socket: () => -real.constants.EMFILE });
      await expect(loop.run()).rejects.toThrow(expect.objectContaining({ code: "EMFILE" }));
      expect(loop.running).toBe(false);
      replaceSystem(real);
      await loop.run();
      expect(fired).toBe(1);
    });

    it("hears a little later of what changes when its bell cannot be rung", async () => {
      const [idle] = pair();
      const [near, far] = pair();
      replaceSystem({ ...real, sendBytes: () => -real.constants.ENOBUFS });
      const loop = own(new EventLoop({ backend }));
      loop.add(idle, {}, READABLE);
      const running = loop.run();
      await turns();
      loop.add(near, { onReadable: () => loop.stop() });
      await turns();
      far.send(text("x"));
      await running;
    });
  });

  it.runIf(BACKENDS.includes("epoll"))("closes its bell when it cannot be watched", async () => {
    replaceSystem({ ...real, epollControl: () => -real.constants.ENOMEM });
    const loop = own(new EventLoop({ backend: "epoll" }));
    loop.timers.set(1, () => {});
    const before = openHandles();
    await expect(loop.run()).rejects.toThrow(expect.objectContaining({ code: "ENOMEM" }));
    expect(openHandles()).toBeLessThanOrEqual(before);
  });

  it("lets process.exit() end the process at once", async () => {
    const took: number[] = [];
    // One may be lucky, and one held up by a busy machine.
    for (let attempt = 0; attempt < 3; attempt++) {
      const { told, code } = await inChild(subjectOf("poll", "parked"), ({ createLoop, run, pair, READABLE, tell }) => {
        const loop = createLoop();
        loop.add(pair()[0], {}, READABLE);
        void run(loop);
        setTimeout(() => {
          tell(Date.now());
          process.exit(3);
        }, 30);
      });
      expect(code).toBe(3);
      took.push(Date.now() - (told[0] as number));
    }
    expect(took.sort((a, b) => a - b)[1]).toBeLessThan(200);
  });

  it("sends what promises write, also where only the runtime can run them", async () => {
    const program = programOf(
      subjectOf("poll", "parked"),
      `async ({ createLoop, run, pair, tell }) => {
        const loop = createLoop();
        const [near, far] = pair();
        const handlers = { onEnd() {}, onDrain() {}, onError: tell };
        let rounds = 0;
        const echo = loop.stream(near, { ...handlers, async onData(chunk) {
          await null;
          await new Promise((resolve) => process.nextTick(resolve));
          echo.write(chunk);
        }});
        const client = loop.stream(far, { ...handlers, async onData(chunk) {
          await null;
          if (++rounds < 200) return client.write(chunk);
          for (const stream of [echo, client]) stream.close();
        }});
        client.write(new Uint8Array(1));
        loop.timers.set(15_000, () => tell("late"));
        const late = loop.timers.set(15_000, () => loop.stop());
        await new Promise((resolve) => setTimeout(resolve, 1));
        void run(loop);
        while (rounds < 200) await new Promise((resolve) => setImmediate(resolve));
        late.cancel();
        loop.stop();
        tell(rounds);
        loop.close();
      }`,
      "console.log",
    );
    const folder = new ProgramFolder({
      "main.js": `process._tickCallback = undefined; await import("./program.js");`,
      "program.js": program,
    });
    onTestFinished(() => folder.remove());
    expect(await runProgram(folder, "main.js")).toMatchObject({ stdout: "200\n", stderr: "", code: 0 });
  });
});
