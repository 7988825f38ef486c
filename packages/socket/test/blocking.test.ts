import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonOf } from "../../sys/test/run-program.js";
import { WOULD_BLOCK } from "../src/index.js";
import { partialSendsAreTold } from "./capabilities.js";
import { Loopback, waitFor } from "./loopback.js";

const folder = new URL("..", import.meta.url);

describe("a blocking socket", () => {
  let loopback: Loopback;
  beforeEach(() => {
    loopback = new Loopback({ kind: "tcp", family: 4, blocking: true });
  });
  afterEach(() => loopback.close());

  /** How a call went, and how long it took. */
  function timed<T>(call: () => T): { result: T; ms: number } {
    const start = performance.now();
    const result = call();
    return { result, ms: performance.now() - start };
  }
  /** The system's clocks tick in steps of up to 10 ms. */
  function expectWaited({ result, ms }: { result: unknown; ms: number }, outcome: unknown): void {
    expect(result).toBe(outcome);
    expect(ms).toBeGreaterThanOrEqual(90);
  }

  it("waits for bytes as long as receiveTimeoutMs", () => {
    const [left] = loopback.pair();
    left.options.receiveTimeoutMs = 100;
    expectWaited(
      timed(() => left.recv(new Uint8Array(1))),
      WOULD_BLOCK,
    );
    expectWaited(
      timed(() => left.peek(new Uint8Array(1))),
      WOULD_BLOCK,
    );
  });

  it("waits for a connection as long as receiveTimeoutMs", () => {
    const listener = loopback.listener();
    listener.options.receiveTimeoutMs = 100;
    expectWaited(
      timed(() => listener.accept()),
      null,
    );
  });

  it("waits for room as long as sendTimeoutMs, and says how much it sent until then", () => {
    const [left] = loopback.pair();
    left.options.sendTimeoutMs = 100;
    const much = new Uint8Array(64 << 20);
    const first = timed(() => left.send(much));
    if (partialSendsAreTold) expect(first.result).toBeGreaterThan(0);
    expect(first.result).toBeLessThan(much.length);
    expect(first.ms).toBeGreaterThanOrEqual(90);
    // The system may find a little more room, a few times.
    let next = timed(() => left.send(much));
    for (let sends = 0; sends < 20 && next.result !== WOULD_BLOCK; sends++) next = timed(() => left.send(much));
    expectWaited(next, WOULD_BLOCK);
  });

  it("waits for an answer to connect as long as sendTimeoutMs, while the connect goes on", () => {
    const listener = loopback.listener(0);
    const { localAddress } = listener;
    // Whoever comes after the queue is full is not answered, and asks again a second later.
    const waiting = loopback.open();
    loopback.connect(waiting, localAddress);
    const late = loopback.open();
    late.options.sendTimeoutMs = 100;
    expectWaited(
      timed(() => late.connect(localAddress)),
      false,
    );
    expect(late.takeError(), "so far").toBeNull();
    expect(() => late.remoteAddress).toThrow(expect.objectContaining({ code: "ENOTCONN" }));

    loopback.accept(listener);
    waitFor(late, "writable");
    expect(late.takeError()).toBeNull();
    expect(late.remoteAddress).toEqual(localAddress);
  });

  it("waits for nothing once it is non-blocking again", () => {
    const [left] = loopback.pair();
    left.options.receiveTimeoutMs = 0;
    left.setNonBlocking(true);
    expect(left.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  it("waits without a timeout until a client comes, sends and leaves", () => {
    const served = jsonOf(
      `
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      import { Socket } from "@p2pnet/socket";
      const listener = Socket.open("tcp");
      listener.setNonBlocking(false);
      listener.bind({ address: "127.0.0.1", port: 0 });
      listener.listen();
      const client = new Worker(\`
        Promise.all([import("node:net"), import("node:worker_threads")]).then(([net, { parentPort, workerData }]) => {
          setTimeout(() => {
            const socket = net.connect(workerData, "127.0.0.1");
            setTimeout(() => socket.write("hello"), 50);
            setTimeout(() => socket.end(), 100);
          }, 50);
          parentPort.postMessage("ready");
        });
      \`, { eval: true, workerData: listener.localAddress.port });
      await once(client, "message");
      const peer = listener.accept();
      peer.setNonBlocking(false);
      const into = new Uint8Array(100);
      const length = peer.recv(into);
      console.log(JSON.stringify([Buffer.from(into.subarray(0, length)).toString(), peer.recv(into)]));
      peer.close();
      listener.close();
      `,
      { folder },
    );
    expect(served).toEqual(["hello", 0]);
  });
});
