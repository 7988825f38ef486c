import type { Socket } from "@p2pnet/socket";
import { system } from "@p2pnet/sys";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EventLoop, READABLE, WRITABLE } from "../../src/index.js";
import { deliver, openUntilHandle, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** What handlers change while events are being delivered. */
export function changesContract(subject: Subject): void {
  describe("changes during dispatch", () => {
    it.each<{ what: string; change: (loop: EventLoop, socket: Socket) => void }>([
      { what: "removed", change: (loop, socket) => loop.remove(socket) },
      { what: "paused", change: (loop, socket) => loop.modify(socket, 0) },
      { what: "asked for something else", change: (loop, socket) => loop.modify(socket, WRITABLE) },
      { what: "closed", change: (_, socket) => socket.close() },
      { what: "aborted", change: (_, socket) => socket.abort() },
      { what: "detached", change: (_, socket) => closeHandleOf(socket) },
    ])("tells nothing to a socket that was $what earlier in the batch", async ({ change }) => {
      const stage = openStage(subject);
      const nears = readablePairs(stage, 4);
      const told: Socket[] = [];
      for (const near of nears) {
        stage.loop.add(near, {
          onReadable() {
            told.push(near);
            receive(near);
            for (const other of nears) if (other !== near) change(stage.loop, other);
          },
          onError: () => told.push(near),
        });
      }
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toHaveLength(1);
    });

    it.each<{ what: string; change: (loop: EventLoop, socket: Socket) => void }>([
      { what: "remove", change: (loop, socket) => loop.remove(socket) },
      { what: "pause", change: (loop, socket) => loop.modify(socket, 0) },
      { what: "close", change: (_, socket) => socket.close() },
    ])("lets a socket $what itself before its other handler is called", async ({ change }) => {
      const stage = openStage(subject);
      const [near] = readablePairs(stage, 1);
      const told: string[] = [];
      stage.loop.add(near!, {
        onReadable() {
          told.push("readable");
          change(stage.loop, near!);
        },
        onWritable: () => void told.push("writable"),
      });
      stage.stopAfterTurns();
      await stage.run();
      expect(told.filter((what) => what === "readable")).toHaveLength(1);
      expect(told.at(-1)).toBe("readable");
    });

    it.runIf(subject.reusesHandles)(
      "tells nothing to a new socket that got the number of one that was ready",
      async () => {
        const stage = openStage(subject);
        const nears = readablePairs(stage, 3);
        const told: string[] = [];
        for (const near of nears) {
          stage.loop.add(near, {
            onReadable() {
              told.push("old");
              stage.loop.remove(near);
              for (const other of nears.filter((socket) => socket !== near)) {
                const { handle } = other;
                other.close();
                const [fresh] = openUntilHandle(handle)
                  .map((socket) => stage.own(socket))
                  .slice(-1);
                expect(fresh!.handle).toBe(handle);
                // Listening, so that it is ready for nothing.
                fresh!.bind({ address: "127.0.0.1", port: 0 });
                fresh!.listen();
                const tell = (): void => void told.push("new");
                stage.loop.add(fresh!, { onReadable: tell, onWritable: tell, onError: tell });
              }
            },
          });
        }
        stage.stopAfterTurns();
        await stage.run();
        expect(told).toEqual(["old"]);
      },
    );

    it("hears of a socket that was removed and added again in the batch, through its new handlers", async () => {
      const stage = openStage(subject);
      const nears = readablePairs(stage, 2);
      const told: string[] = [];
      const add = (near: Socket, name: string): void =>
        stage.loop.add(near, {
          onReadable() {
            told.push(name);
            receive(near);
            if (name === "new") return;
            for (const other of nears.filter((socket) => socket !== near)) {
              stage.loop.remove(other);
              add(other, "new");
            }
          },
        });
      for (const near of nears) add(near, "old");
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toEqual(["old", "new"]);
    });

    it("lets a handler add sockets and ask for more", async () => {
      const stage = openStage(subject);
      const [near] = readablePairs(stage, 1);
      const [second] = readablePairs(stage, 1);
      const told: string[] = [];
      stage.loop.add(
        near!,
        {
          onReadable() {
            told.push("first readable");
            receive(near!);
            stage.loop.modify(near!, READABLE | WRITABLE);
            stage.loop.add(second!, {
              onReadable() {
                told.push("second readable");
                receive(second!);
              },
            });
          },
          onWritable() {
            told.push("first writable");
            stage.loop.remove(near!);
          },
        },
        READABLE,
      );
      stage.stopAfterTurns();
      await stage.run();
      expect(told[0]).toBe("first readable");
      expect(told.slice(1).sort()).toEqual(["first writable", "second readable"]);
    });

    it("tells only who is registered and asks, whatever handlers do to each other", async () => {
      const deeds = ["read", "remove", "add", "pause", "resume", "close", "write"] as const;
      const script = fc.array(fc.tuple(fc.constantFrom(...deeds), fc.nat(4)), { minLength: 1, maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(script, async (steps) => {
          const stage = openStage(subject);
          const sockets = readablePairs(stage, 5);
          const asks = new Map<Socket, number>();
          const wrong: string[] = [];
          let step = 0;
          const add = (socket: Socket): void => {
            asks.set(socket, READABLE);
            const tell = (bit: number) => (): void => {
              if (((asks.get(socket) ?? 0) & bit) === 0) wrong.push(`told ${bit}, asked for ${asks.get(socket)}`);
              const [deed, index] = steps[step++] ?? ["remove", sockets.indexOf(socket)];
              act(deed, sockets[index]!);
            };
            stage.loop.add(socket, { onReadable: tell(READABLE), onWritable: tell(WRITABLE) }, READABLE);
          };
          const ask = (socket: Socket, interest: number): void => {
            asks.set(socket, interest);
            stage.loop.modify(socket, interest);
          };
          const act = (deed: (typeof deeds)[number], socket: Socket): void => {
            const registered = asks.has(socket);
            if (deed === "add" && !registered && !socket.closed) add(socket);
            if (!registered) return;
            if (deed === "read") receive(socket);
            if (deed === "pause") ask(socket, 0);
            if (deed === "resume") ask(socket, READABLE);
            if (deed === "write") ask(socket, READABLE | WRITABLE);
            if (deed === "remove") stage.loop.remove(socket);
            if (deed === "close") socket.close();
            if (deed === "remove" || deed === "close") asks.delete(socket);
          };
          for (const socket of sockets) add(socket);
          stage.stopAfterTurns(steps.length + 5);
          await stage.run();
          expect(wrong).toEqual([]);
          expect(stage.uncaught).toEqual([]);
          expect(stage.loop.size).toBe(asks.size);
          stage.close();
        }),
        { numRuns: 15 },
      );
    });
  });

  /** So many sockets that have something to read. */
  const readablePairs = (stage: ReturnType<typeof openStage>, count: number): Socket[] =>
    Array.from({ length: count }, () => {
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      return near;
    });
}

function closeHandleOf(socket: Socket): void {
  const handle = socket.detach();
  expect(socket.closed).toBe(true);
  system().close(handle);
}
