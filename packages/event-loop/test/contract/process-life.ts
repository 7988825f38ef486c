import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { inChild } from "./child.js";
import type { Subject } from "./subject.js";

/** What a whole process sees of its loop: when it ends, what it costs at rest, and how it fails. */
export function processContract(subject: Subject): void {
  describe("a process", () => {
    it("rests without using the processor, and ends by itself with its last socket", async () => {
      const { told, code, stderr } = await inChild(
        subject,
        async ({ createLoop, run, pair, READABLE, tell, cpuMs }) => {
          const loop = createLoop();
          const [near, far] = pair();
          loop.add(near, { onReadable() {} });
          loop.add(far, {}, READABLE);
          let before = 0;
          // The first waits still compile; then it only rests.
          loop.timers.set(20, () => {
            before = cpuMs();
          });
          loop.timers.set(320, () => {
            tell(cpuMs() - before);
            near.close();
            far.close();
          });
          await run(loop);
          tell("returned");
        },
      );
      expect(stderr).toBe("");
      expect(told[0]).toBeLessThan(50);
      expect(told[1]).toBe("returned");
      expect(code).toBe(0);
    });

    it.runIf(subject.hasSignals)("goes on when a signal interrupts the wait", async () => {
      const { told, stderr } = await inChild(
        subject,
        async ({ createLoop, run, Socket, tell }) => {
          // Deno takes whoever was sent a signal for killed by it.
          process.on("exit", (code) => tell(code));
          const signal = new Promise<void>((resolve) => {
            const hold = setInterval(() => {}, 1_000);
            process.once("SIGUSR2", () => {
              clearInterval(hold);
              resolve();
            });
          });
          const loop = createLoop();
          const socket = Socket.open("tcp");
          socket.bind({ address: "127.0.0.1", port: 0 });
          socket.listen();
          // Whoever sent the signal then connects.
          const listener = loop.listener(socket, {
            onConnection(peer) {
              peer.close();
              listener.close();
            },
            onError: (error) => tell(error.message),
          });
          loop.timers.set(1, () => tell(socket.localAddress.port));
          await run(loop);
          // Where the loop owns the thread, it is told when the thread is given back.
          await signal;
          tell("signal");
        },
        (child, [port]) => {
          child.kill("SIGUSR2");
          connect(port as number, "127.0.0.1").on("error", () => {});
        },
      );
      expect({ told, stderr }).toEqual({ told: [told[0], "signal", 0], stderr: "" });
    });

    it.runIf(subject.besideNode || subject.drainsMicrotasks)(
      "treats what a next tick throws as any uncaught exception, and goes on if it is handled",
      async () => {
        const { told, code, stderr } = await inChild(subject, async ({ createLoop, run, pair, tell }) => {
          process.on("uncaughtException", (error) => {
            tell(error.message);
            if (error.message === "second tick") stream.close();
          });
          const loop = createLoop({ onUncaught: () => tell("not for the loop") });
          const [near] = pair();
          const stream = loop.stream(near, {
            onData() {},
            onEnd() {},
            onError() {},
            onDrain() {
              process.nextTick(() => {
                throw new Error("first tick");
              });
              process.nextTick(() => {
                throw new Error("second tick");
              });
            },
          });
          stream.write(new Uint8Array(1));
          await run(loop);
          tell("returned");
        });
        expect({ told, code, stderr }).toEqual({
          told: ["first tick", "second tick", "returned"],
          code: 0,
          stderr: "",
        });
      },
    );

    if (!subject.besideNode) return;

    it("gets what handlers throw as uncaught exceptions, on a fresh stack and after the batch", async () => {
      const { told, code } = await inChild(subject, async ({ createLoop, run, pair, tell }) => {
        let thrown = 0;
        process.on("uncaughtException", (error) => {
          tell([error, new Error().stack?.includes("onReadable")]);
          if (++thrown < 2) return;
          for (const socket of sockets.flat()) socket.close();
        });
        const loop = createLoop();
        const sockets = [pair(), pair()];
        for (const [near, far] of sockets) {
          far.send(new Uint8Array(1));
          loop.add(near, {
            onReadable() {
              near.recv(new Uint8Array(1));
              tell("told");
              throw "thrown";
            },
          });
        }
        await run(loop);
        tell("returned");
      });
      const thrown = ["thrown", false];
      expect({ told, code }).toEqual({ told: ["told", "told", thrown, thrown, "returned"], code: 0 });
    });

    it("dies of an exception that nobody handles", async () => {
      const { code, stderr } = await inChild(subject, async ({ createLoop, run, pair }) => {
        const loop = createLoop();
        const [near, far] = pair();
        far.send(new Uint8Array(1));
        loop.add(near, {
          onReadable() {
            near.recv(new Uint8Array(1));
            throw new Error("nobody handles this");
          },
        });
        await run(loop);
      });
      expect(code).toBe(1);
      expect(stderr).toContain("nobody handles this");
    });

    it("ends with sockets registered when the loop is not to keep it running", async () => {
      const { told, code, stderr } = await inChild(subject, ({ createLoop, run, pair, READABLE, tell }) => {
        const loop = createLoop();
        const [near, far] = pair();
        loop.add(near, { onReadable() {} });
        loop.add(far, {}, READABLE);
        loop.timers.set(600_000, () => {});
        loop.unref();
        process.on("exit", () => tell("exit"));
        void run(loop).then(() => tell("returned"));
      });
      expect({ told, code, stderr }).toEqual({ told: ["exit"], code: 0, stderr: "" });
    });

    it("ends when a handler says that the loop is not to keep it running", async () => {
      const { told, code } = await inChild(subject, ({ createLoop, run, pair, tell }) => {
        const loop = createLoop();
        const [near, far] = pair();
        far.send(new Uint8Array(1));
        loop.add(near, {
          onReadable() {
            tell(near.recv(new Uint8Array(1)));
            loop.unref();
          },
        });
        void run(loop);
      });
      expect({ told, code }).toEqual({ told: [1], code: 0 });
    });

    it("is served by a loop that does not keep it running as long as something of Node's own does", async () => {
      const { told, code, stderr } = await inChild(subject, async ({ createLoop, run, pair, tell, cpuMs }) => {
        const loop = createLoop();
        const [near, far] = pair();
        let echoed = 0;
        const server = loop.stream(near, {
          onData: (chunk) => server.write(chunk),
          onEnd() {},
          onDrain() {},
          onError() {},
        });
        const client = loop.stream(far, {
          onData(chunk) {
            if (++echoed < 500) client.write(chunk);
            else rest();
          },
          onEnd() {},
          onDrain() {},
          onError() {},
        });
        loop.unref();
        void run(loop);
        client.write(new Uint8Array(10));
        const hold = setInterval(() => {}, 50);
        // At rest, but still beside a timer of Node's.
        const rest = (): void => {
          tell("served");
          setTimeout(() => {
            const before = cpuMs();
            setTimeout(() => {
              tell(cpuMs() - before);
              clearInterval(hold);
            }, 200);
          }, 10);
        };
      });
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(told[0]).toBe("served");
      expect(told[1]).toBeLessThan(50);
    });

    it("runs on when the loop is to keep it running again", async () => {
      const { told, code } = await inChild(subject, ({ createLoop, run, pair, READABLE, tell }) => {
        const loop = createLoop();
        const [near] = pair();
        loop.add(near, {}, READABLE);
        loop.unref();
        void run(loop).then(() => tell("returned"));
        setTimeout(() => {
          loop.ref();
          loop.timers.set(50, () => near.close());
        }, 10);
      });
      expect({ told, code }).toEqual({ told: ["returned"], code: 0 });
    });

    it("is kept running by sockets that nobody asks about", async () => {
      const { told, code } = await inChild(subject, ({ createLoop, run, pair, tell }) => {
        const loop = createLoop();
        const [near] = pair();
        loop.add(near, {}, 0);
        void run(loop).then(() => tell("returned"));
        process.on("exit", () => tell("exit"));
        setTimeout(() => {
          // Nothing of Node's is left from here on.
          setImmediate(() => loop.timers.set(30, () => near.close()));
        }, 10).unref();
      });
      expect({ told, code }).toEqual({ told: ["returned", "exit"], code: 0 });
    });
  });
}
