import { spawnSync } from "node:child_process";
import { Socket } from "@p2pnet/socket";
import { type IoUringCalls, replaceSystem, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { IoUringBackend } from "../src/backends/io-uring/backend.js";
import { whyNoIoUring } from "../src/backends/io-uring/probe.js";
import { availableBackends, EventLoop, READABLE } from "../src/index.js";
import { connectTo, deliver, listening, receive, text } from "./contract/sockets.js";

const real = system();
const missing = availableBackends().includes("io_uring") ? null : whyNoIoUring();
const hasProc = process.platform === "linux";

describe.skipIf(missing !== null)(`IoUringBackend${missing === null ? "" : `, not run: ${missing}`}`, () => {
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
  const wait = (backend: IoUringBackend): Watched[] => {
    const ready = new ReadyList();
    backend.wait(0, ready);
    return Array.from({ length: ready.length }, (_, at) => ready.watchedAt(at));
  };
  const watch = (socket: Socket, sequence = 1): Watched => ({ handle: socket.handle, sequence, interest: READABLE });
  const openLoop = (): EventLoop => own(new EventLoop({ backend: "io_uring" }));
  const untilTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** A system whose rings differ from the real ones. */
  const replaceRings = (change: Partial<IoUringCalls>): void => {
    replaceSystem({ ...real, ioUring: { ...real.ioUring!, ...change } });
  };

  it("asks again about what is still ready, and about no more than that", () => {
    const backend = own(new IoUringBackend());
    const [near, far] = pair();
    const watched = watch(near);
    backend.add(watched);
    expect(wait(backend)).toEqual([]);
    deliver(far, near, text("x"));
    expect([wait(backend), wait(backend)]).toEqual([[watched], [watched]]);
    receive(near);
    expect([wait(backend), wait(backend)]).toEqual([[], []]);
  });

  it("asks about more sockets than go into the ring at once", () => {
    let most = 0;
    replaceRings({
      enter(ring, submissions, completions, timeoutMs) {
        most = Math.max(most, submissions);
        return real.ioUring!.enter(ring, submissions, completions, timeoutMs);
      },
    });
    const backend = own(new IoUringBackend());
    const [near, far] = pair();
    deliver(far, near, text("x"));
    const all = Array.from({ length: 2_500 }, (_, index) => watch(near, index));
    for (const one of all) backend.add(one);
    const told = new Set<Watched>();
    for (let round = 0; round < 10; round++) for (const one of wait(backend)) told.add(one);
    expect(told.size).toBe(all.length);
    expect(most).toBe(1024);
  });

  it("lets go of a socket at once: its peer hears that it was closed, and a listener's port is free", () => {
    const backend = own(new IoUringBackend());
    const [near, far] = pair();
    const fresh = own(listening());
    const address = fresh.localAddress;
    const watched = [watch(near), watch(fresh)];
    for (const one of watched) backend.add(one);
    wait(backend);
    for (const one of watched) backend.remove(one);
    near.close();
    expect(receive(far)).toBe("<end>");
    fresh.close();
    const next = own(Socket.open("tcp"));
    next.bind(address);
    next.listen();
    expect(next.localAddress).toEqual(address);
  });

  it("has a descriptor that another can watch once it has handed over what it was asked", () => {
    const backend = own(new IoUringBackend());
    const outer = own(new IoUringBackend());
    const bell: Watched = { handle: backend.descriptor, sequence: 0, interest: READABLE };
    outer.add(bell);
    const [near, far] = pair();
    const watched = watch(near);
    backend.add(watched);
    backend.submit();
    expect(wait(outer)).toEqual([]);
    deliver(far, near, text("x"));
    expect(wait(outer)).toEqual([bell]);
    expect(wait(backend)).toEqual([watched]);
    expect(wait(outer)).toEqual([]);
    // What is still so rings again.
    backend.submit();
    expect(wait(outer)).toEqual([bell]);
  });

  it("tells what io_uring_enter refuses, and takes shortage for a moment's", () => {
    const { EBADF, EAGAIN } = real.constants;
    let errno: number = EAGAIN;
    replaceRings({ enter: () => -errno });
    const backend = own(new IoUringBackend());
    const ready = new ReadyList();
    backend.wait(1, ready);
    expect(ready.length).toBe(0);
    errno = EBADF;
    expect(() => backend.wait(1, ready)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "io_uring_enter" }) as unknown as Error,
    );
  });

  it.skipIf(!hasProc)("opens nothing that a child process inherits", () => {
    own(new IoUringBackend());
    const { stdout } = spawnSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    expect(stdout).toContain("/proc/");
    expect(stdout).not.toMatch(/io_uring|eventfd/);
  });

  describe("its streams", () => {
    const handlers = {
      onData() {},
      onEnd() {},
      onDrain() {},
      onError: (error: Error) => expect.unreachable(error.message),
    };

    it("receive each its own bytes when more of them are ready than there are buffers", async () => {
      const loop = openLoop();
      const pairs = Array.from({ length: 120 }, pair);
      const got = new Map<number, string>();
      for (const [index, [near]] of pairs.entries()) {
        const onData = (chunk: Uint8Array): void => {
          got.set(index, (got.get(index) ?? "") + Buffer.from(chunk).toString());
          if ([...got.values()].filter((value) => value.endsWith("!")).length === pairs.length) loop.stop();
        };
        loop.stream(near, { ...handlers, onData });
      }
      // A first message makes the receives stand, a second one finds all of them standing.
      for (const [index, [, far]] of pairs.entries()) far.send(text(`${index};`));
      loop.timers.set(50, () => {
        for (const [index, [, far]] of pairs.entries()) far.send(text(`${index}!`));
      });
      await loop.run();
      expect([...got].sort(([a], [b]) => a - b)).toEqual(pairs.map((_, index) => [index, `${index};${index}!`]));
    });

    it("read hardly ahead of who has paused, however much comes", async () => {
      const loop = openLoop();
      const [near, far] = pair();
      const sender = loop.stream(far, handlers);
      let received = 0;
      const stream = loop.stream(near, {
        ...handlers,
        onData(chunk) {
          received += chunk.length;
          stream.pause();
        },
      });
      const running = loop.run();
      for (let index = 0; index < 20; index++) sender.write(new Uint8Array(1_000_000));
      let taken = -1;
      while (received === 0 || taken !== sender.bytesWritten) {
        taken = sender.bytesWritten;
        for (let turn = 0; turn < 50; turn++) await untilTurn();
      }
      // What the system itself holds for both ends; twenty millions would have come otherwise.
      const inSystem = near.options.receiveBufferSize + far.options.sendBufferSize;
      expect(taken).toBeLessThan(inSystem + received + 3 * 65_536);
      loop.stop();
      await running;
    });

    it("do not touch what they still send when they are closed, whoever uses the memory next", async () => {
      const loop = openLoop();
      const [near, far] = pair();
      far.options.receiveBufferSize = 4_096;
      near.options.sendBufferSize = 4_096;
      const stuck = loop.stream(near, handlers);
      const running = loop.run();
      const pattern = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251);
      for (let index = 0; index < 100; index++) stuck.write(pattern);
      for (let turn = 0; turn < 50; turn++) await untilTurn();
      expect(stuck.bufferedBytes).toBeGreaterThan(0);
      stuck.close();
      expect(stuck.bufferedBytes).toBe(0);
      // Others take the blocks that it had.
      const others = Array.from({ length: 20 }, pair);
      for (const [one] of others) loop.stream(one, handlers).write(new Uint8Array(10_000).fill(255));
      for (let turn = 0; turn < 50; turn++) await untilTurn();
      let total = 0;
      const into = new Uint8Array(65_536);
      for (let length = far.recv(into); length !== 0; length = far.recv(into)) {
        for (let index = 0; index < length; index++, total++) {
          if (into[index] !== (total % 10_000) % 251) expect.unreachable(`byte ${total} is another's`);
        }
        for (let turn = 0; turn < 5; turn++) await untilTurn();
      }
      expect(total).toBe(stuck.bytesWritten);
      loop.stop();
      await running;
    });

    it("send what is written while something is under way after it, whole and in order", async () => {
      const loop = openLoop();
      const [near, far] = pair();
      near.options.sendBufferSize = 4_096;
      const chunks: Uint8Array[] = [];
      const reader = loop.stream(far, {
        ...handlers,
        onData: (chunk) => void chunks.push(chunk.slice()),
        onEnd: () => loop.stop(),
      });
      reader.pause();
      const stream = loop.stream(near, handlers);
      const running = loop.run();
      const parts: Uint8Array[] = [];
      for (let round = 0; round < 200; round++) {
        const part = Uint8Array.from({ length: (round * 37) % 1_500 }, (_, index) => (round + index) & 0xff);
        parts.push(part);
        stream.write(part);
        await untilTurn();
        if (round === 100) reader.resume();
      }
      stream.end();
      await running;
      expect(Buffer.compare(Buffer.concat(chunks), Buffer.concat(parts))).toBe(0);
    });

    it("end for good when their socket is closed by itself: the peer hears of it at once", async () => {
      const loop = openLoop();
      const [near, far] = pair();
      loop.stream(near, handlers);
      const running = loop.run();
      await untilTurn();
      await untilTurn();
      near.close();
      expect(receive(far)).toBe("<end>");
      expect(loop.size).toBe(0);
      await running;
    });
  });

  describe("its listeners", () => {
    it("refuse those whom nobody was told of when they are closed", async () => {
      const loop = openLoop();
      const accepted: Socket[] = [];
      const server = loop.listener(listener, {
        onConnection(socket) {
          accepted.push(own(socket));
          server.pause();
          // Those that the system has accepted by now are held.
          loop.timers.set(20, () => server.close());
        },
        onError: (error) => expect.unreachable(error.message),
      });
      const peers = Array.from({ length: 5 }, () => own(Socket.open("tcp")));
      for (const peer of peers) peer.connect(listener.localAddress);
      await loop.run();
      expect(accepted).toHaveLength(1);
      const ends = peers.map((peer) => {
        try {
          return receive(peer);
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      });
      expect(ends.filter((end) => end === "ECONNRESET")).toHaveLength(4);
    });

    it("leave the port to the next at once", async () => {
      const loop = openLoop();
      const address = listener.localAddress;
      const server = loop.listener(listener, { onConnection() {}, onError() {} });
      loop.timers.set(5, () => {
        server.close();
        const next = own(Socket.open("tcp"));
        next.bind(address);
        next.listen();
      });
      await loop.run();
      expect(listener.closed).toBe(true);
    });
  });
});
