import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { Subject } from "./subject.js";

/** A worker thread's loop, which stands beside the main thread's. */
export function workerContract(subject: Subject): void {
  if (!subject.besideNode) return;

  describe("a worker", () => {
    it("serves from a loop of its own, and ends in no time", async () => {
      const built = new URL("../../dist/index.js", import.meta.url).href;
      const sockets = import.meta.resolve("@p2pnet/socket");
      const source = `
        import { parentPort } from "node:worker_threads";
        import { EventLoop } from ${JSON.stringify(built)};
        import { Socket } from ${JSON.stringify(sockets)};
        const loop = new EventLoop({ backend: ${JSON.stringify(subject.backend)} });
        if (${subject.host === "second"}) {
          const first = new EventLoop({ backend: "epoll" });
          first.timers.set(600_000, () => {});
          void first.run();
        }
        const listening = Socket.open("tcp");
        listening.bind({ address: "127.0.0.1", port: 0 });
        listening.listen();
        loop.listener(listening, {
          onConnection(socket) {
            const stream = loop.stream(socket, {
              onData: (chunk) => stream.write(chunk),
              onEnd: () => stream.close(),
              onDrain() {},
              onError() {},
            });
          },
          onError(error) { throw error; },
        });
        void loop.run();
        parentPort.on("message", (message) => {
          parentPort.postMessage(message);
          if (message === "end") process.exit();
        });
        parentPort.postMessage(listening.localAddress.port);`;
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
      const [port] = (await once(worker, "message")) as [number];
      const client = connect(port, "127.0.0.1");
      client.write("hello");
      const [echo] = (await once(client, "data")) as [Buffer];
      expect(echo.toString()).toBe("hello");

      worker.postMessage("still there?");
      expect(await once(worker, "message")).toEqual(["still there?"]);

      const started = performance.now();
      const ended = once(worker, "exit");
      // Work until the very end.
      client.write("more");
      client.destroy();
      if (subject.terminates) await worker.terminate();
      else worker.postMessage("end");
      await ended;
      expect(performance.now() - started).toBeLessThan(1_000);
    });
  });
}
