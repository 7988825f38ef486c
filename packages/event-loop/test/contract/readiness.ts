import { describe, expect, it } from "vitest";
import { READABLE, WRITABLE } from "../../src/index.js";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** Level 1: who is told, of what, and how often. */
export function readinessContract(subject: Subject): void {
  describe("readiness", () => {
    it("tells that something has arrived, also when it comes during the wait", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      const got: string[] = [];
      loop.add(near, {
        onReadable() {
          got.push(receive(near));
          if (got.length === 2) loop.stop();
          else loop.timers.set(5, () => far.send(text("during")));
        },
      });
      far.send(text("before"));
      await stage.run();
      expect(got).toEqual(["before", "during"]);
    });

    it("tells that a peer waits to be accepted", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const listener = stage.listening();
      let accepted = 0;
      loop.add(listener, {
        onReadable() {
          stage.own(listener.accept()!);
          if (++accepted === 2) loop.stop();
        },
      });
      const clients = [stage.socket(), stage.socket()];
      for (const client of clients) client.connect(listener.localAddress);
      await stage.run();
      expect(accepted).toBe(2);
    });

    it("tells that a connect has ended, and that there is room to send", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const listener = stage.listening();
      const socket = stage.socket();
      expect(socket.connect(listener.localAddress)).toBe(false);
      loop.add(socket, {
        onWritable() {
          expect(socket.takeError()).toBeNull();
          expect(socket.send(text("hello"))).toBe(5);
          loop.stop();
        },
      });
      await stage.run();
      expect(stage.uncaught).toEqual([]);
      expect(receive(stage.own(listener.accept()!))).toBe("hello");
    });

    it("tells again and again until it is taken", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      let told = 0;
      loop.add(near, {
        onReadable() {
          if (++told === 3) receive(near);
        },
      });
      stage.stopAfterTurns(10);
      await stage.run();
      expect(told).toBe(3);
    });

    it("asks only for what there is a handler for", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      const [other] = stage.pair();
      deliver(far, near, text("x"));
      const told: string[] = [];
      loop.add(near, { onWritable: () => void told.push("near writable") });
      loop.add(other, { onReadable: () => void told.push("other readable") });
      stage.stopAfterTurns(3);
      await stage.run();
      expect(new Set(told)).toEqual(new Set(["near writable"]));
    });

    it("asks for what it is told to, whatever handlers there are", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      const told: string[] = [];
      const handlers = { onReadable: () => void told.push("read"), onWritable: () => void told.push("write") };
      loop.add(near, handlers, WRITABLE);
      stage.afterTurns(2, () => {
        loop.modify(near, READABLE);
        told.push("|");
        stage.afterTurns(3, () => {
          loop.modify(near, READABLE | WRITABLE);
          told.push("|");
          stage.stopAfterTurns(3);
        });
      });
      await stage.run();
      const [first, second, third] = told.join().split(",|");
      expect(first).toMatch(/^write(,write)*$/);
      expect(second).toMatch(/^(,read)+$/);
      expect(third).toMatch(/^(,read,write)+(,read)?$/);
    });

    it("tells nothing without interest, and what is still so when interest comes back", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      let asked = false;
      const told: boolean[] = [];
      const onReadable = (): void => {
        told.push(asked);
        loop.stop();
      };
      loop.add(near, { onReadable }, 0);
      expect(loop.size).toBe(1);
      stage.afterTurns(5, () => {
        asked = true;
        loop.modify(near, READABLE);
      });
      await stage.run();
      expect(told).toEqual([true]);
    });

    it("forgets a removed socket, which stays open and may be added again", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      deliver(far, near, text("x"));
      let told = 0;
      loop.add(near, { onReadable: () => told++ });
      loop.remove(near);
      expect(loop.size).toBe(0);
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toBe(0);

      loop.add(near, { onReadable: () => loop.stop() });
      await stage.run();
      expect(receive(near)).toBe("x");
    });

    it("watches many sockets at once, more than the first arrays hold", async () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const pairs = Array.from({ length: 40 }, () => stage.pair());
      const got = new Map<number, string>();
      for (const [index, [near]] of pairs.entries()) {
        loop.add(near, {
          onReadable() {
            got.set(index, (got.get(index) ?? "") + receive(near));
            if (got.size === 20) loop.stop();
          },
        });
      }
      for (const [index, [near]] of pairs.entries()) if (index % 2 === 1) loop.remove(near);
      expect(loop.size).toBe(20);
      for (const [index, [, far]] of pairs.entries()) far.send(text(`${index}`));
      await stage.run();
      const even = pairs.map((_, index) => index).filter((index) => index % 2 === 0);
      expect([...got].sort(([a], [b]) => a - b)).toEqual(even.map((index) => [index, `${index}`]));
    });

    it("counts sockets, those without interest too", () => {
      const stage = openStage(subject);
      const { loop } = stage;
      const [near, far] = stage.pair();
      expect(loop.size).toBe(0);
      loop.add(near, {}, READABLE);
      loop.add(far, {});
      expect(loop.size).toBe(2);
      near.close();
      expect(loop.size).toBe(1);
      loop.remove(far);
      expect(loop.size).toBe(0);
    });
  });
}
