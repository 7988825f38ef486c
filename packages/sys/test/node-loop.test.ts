import { afterEach, describe, expect, it, vi } from "vitest";
import { nodeLoop } from "../src/node-loop.js";
import { jsonOf, runProgram } from "./run-program.js";

/** A server of Node's own, in a timer's callback: an immediate's would count as work to do. */
const listen = `
  import { createServer } from "node:net";
  import { once } from "node:events";
  import { NativeMemory, nodeLoop, system } from "@p2pnet/sys";
  const server = createServer((socket) => socket.pause()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  // The first may come before libuv has looked at its new server.
  await turn();
  await turn();
`;

/** V8's own timer, 8 s after a collection, counts as libuv's. */
const quiet = ["--no-memory-reducer"];

// Node's loop of a test runner is never idle: these programs have one to themselves.
describe("nodeLoop", () => {
  it("knows how long libuv would wait", () => {
    const timeouts = jsonOf(
      `${listen}
      const loop = nodeLoop();
      const timeouts = { nothingButAServer: loop.timeout() };
      const timer = setTimeout(() => {}, 10_000);
      timeouts.timer = loop.timeout();
      clearTimeout(timer);
      server.unref();
      timeouts.nothing = loop.timeout();
      server.ref();
      setImmediate(() => {});
      timeouts.immediate = loop.timeout();
      console.log(JSON.stringify(timeouts));
      process.exit();
    `,
      { flags: quiet },
    );
    const aboutTenSeconds = expect.toSatisfy((ms: number) => ms > 9_000 && ms <= 10_000);
    expect(timeouts).toEqual({ nothingButAServer: -1, timer: aboutTenSeconds, nothing: 0, immediate: 0 });
  });

  it("counts from a time that updateTime brings up to date", () => {
    const [before, stale, updated] = jsonOf(
      `
      import { nodeLoop } from "@p2pnet/sys";
      const loop = nodeLoop();
      setTimeout(function measure() {
        const timer = setTimeout(() => {}, 10_000);
        const before = loop.timeout();
        // A helper thread of Node's has something to say: not now.
        if (before === 0) return clearTimeout(timer), setTimeout(measure);
        const busyUntil = performance.now() + 100;
        while (performance.now() < busyUntil);
        const stale = loop.timeout();
        loop.updateTime();
        console.log(JSON.stringify([before, stale, loop.timeout()]));
        clearTimeout(timer);
      });
    `,
      { flags: quiet },
    ) as [number, number, number];
    expect(stale).toBe(before);
    expect(updated).toBeLessThanOrEqual(before - 99);
  });

  it("knows whether something of Node's own keeps the process running", () => {
    const states = jsonOf(`${listen}
      const loop = nodeLoop();
      const states = [loop.alive()];
      server.unref();
      states.push(loop.alive());
      console.log(JSON.stringify(states));
    `);
    expect(states).toEqual([true, false]);
  });

  it("has a descriptor that is readable when libuv has something to do", () => {
    const ready = jsonOf(`${listen}
      const sys = system();
      const { size, fields } = sys.layouts.pollfd;
      const memory = new NativeMemory(size);
      const view = new DataView(memory.bytes.buffer);
      view.setInt32(fields.fd.offset, nodeLoop().backendFd, true);
      view.setInt16(fields.events.offset, sys.constants.POLLIN, true);

      // Node's helper threads may still have something to say.
      for (let turns = 0; turns < 1_000 && sys.poll(memory.address, 1, 0) !== 0; turns++) await turn();
      const before = sys.poll(memory.address, 1, 0);

      const handle = sys.socket(sys.constants.AF_INET, sys.constants.SOCK_STREAM, 0);
      sys.connect(handle, sys.addresses.encode({ family: 4, address: "127.0.0.1", port: server.address().port }));
      const after = sys.poll(memory.address, 1, 5_000);
      console.log(JSON.stringify([before, after]));
      process.exit();
    `);
    expect(ready).toEqual([0, 1]);
  });

  it("is that of the thread: each Worker has its own", () => {
    const descriptors = jsonOf(`
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      import { nodeLoop } from "@p2pnet/sys";
      const worker = new Worker(\`
        Promise.all([import("node:worker_threads"), import("@p2pnet/sys")])
          .then(([{ parentPort }, { nodeLoop }]) => parentPort.postMessage(nodeLoop().backendFd));
      \`, { eval: true });
      const [theirs] = await once(worker, "message");
      console.log(JSON.stringify([nodeLoop().backendFd, theirs]));
    `) as [number, number];
    expect(descriptors[0]).toBeGreaterThanOrEqual(0);
    expect(descriptors[1]).toBeGreaterThanOrEqual(0);
    expect(descriptors[0]).not.toBe(descriptors[1]);
  });
});

describe("nodeLoop of another runtime", () => {
  afterEach(() => vi.restoreAllMocks());

  it.each(["bun", "deno"])("is null: %s", (runtime) => {
    vi.spyOn(process, "versions", "get").mockReturnValue({ ...process.versions, [runtime]: "1.0.0" });
    expect(nodeLoop()).toBeNull();
  });

  it("is null: Windows, whose loop has no descriptor", () => {
    vi.spyOn(process, "platform", "get").mockReturnValue("win32");
    expect(nodeLoop()).toBeNull();
  });
});

/** Two connected sockets, `left` and `right`. */
const connect = `
  import { system, watchOnNodeLoop } from "@p2pnet/sys";
  const sys = system();
  const { AF_INET, SOCK_STREAM } = sys.constants;
  const open = () => sys.socket(AF_INET, SOCK_STREAM, 0);
  const listener = open();
  sys.bind(listener, sys.addresses.encode({ family: 4, address: "127.0.0.1", port: 0 }));
  sys.listen(listener, 1);
  const address = new Uint8Array(sys.addresses.maxSize);
  const left = open();
  sys.connect(left, address.subarray(0, sys.localAddress(listener, address)));
  const right = sys.accept(listener);
`;

describe("watchOnNodeLoop", () => {
  it("says when a socket is readable, and again until it is read", () => {
    const seen = jsonOf(`${connect}
      const seen = [];
      const watch = watchOnNodeLoop(right, { readable: true, writable: false }, (status, ready) => {
        seen.push([status, ready.readable, ready.writable]);
        if (seen.length === 1) return;
        sys.recvBytes(right, new Uint8Array(1), 0);
        watch.close();
        console.log(JSON.stringify(seen));
      });
      sys.sendBytes(left, Uint8Array.of(1));
    `);
    expect(seen).toEqual([
      [0, true, false],
      [0, true, false],
    ]);
  });

  it("says what start asks for from then on, and to whom", () => {
    const seen = jsonOf(`${connect}
      const watch = watchOnNodeLoop(right, { readable: true, writable: false }, () => console.log('"the first"'));
      watch.start({ readable: false, writable: true }, (status, ready) => {
        watch.close();
        console.log(JSON.stringify([status, ready.readable, ready.writable]));
      });
    `);
    expect(seen).toEqual([0, false, true]);
  });

  it("keeps the process running, unless it is unref'd", () => {
    const kept = runProgram(`${connect}
      globalThis.watch = watchOnNodeLoop(right, { readable: true, writable: false }, () => {
        console.log("readable");
        watch.close();
      });
      setTimeout(() => sys.sendBytes(left, Uint8Array.of(1)), 50).unref();
    `);
    expect(kept).toMatchObject({ status: 0, stdout: "readable\n" });

    const left = runProgram(`${connect}
      globalThis.watch = watchOnNodeLoop(right, { readable: true, writable: false }, () => {});
      watch.unref();
      console.log("nothing to wait for");
    `);
    expect(left).toMatchObject({ status: 0, stdout: "nothing to wait for\n" });

    const again = runProgram(`${connect}
      globalThis.watch = watchOnNodeLoop(right, { readable: true, writable: false }, () => {
        console.log("readable");
        watch.close();
      });
      watch.unref();
      watch.ref();
      setTimeout(() => sys.sendBytes(left, Uint8Array.of(1)), 50).unref();
    `);
    expect(again).toMatchObject({ status: 0, stdout: "readable\n" });
  });
});
