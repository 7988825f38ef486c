import type { System } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { type Mailbox, Poster } from "../../src/index.js";
import { openHandles } from "./open-handles.js";
import { openStage, type StageOptions } from "./stage.js";
import type { Subject } from "./subject.js";

const MAILBOX_CLOSED = expect.objectContaining({ name: "EventLoopError", code: "ERR_MAILBOX_CLOSED" });

/** Counts the rings on one handle: hosts have bells of their own. */
class RingCount {
  handle = -1;
  count = 0;

  readonly counting = (real: System): Partial<System> => ({
    sendBytes: (handle, bytes) => {
      if (handle === this.handle) this.count++;
      return real.sendBytes(handle, bytes);
    },
  });
}

/** What is posted to a loop, here from its own thread: posters cannot tell whose they are. */
export function mailboxContract(subject: Subject): void {
  describe("a mailbox", () => {
    /** A stage with a mailbox that keeps what it is told, and closes after so many values, which ends the run. */
    function open(closeAfter: number, onMessage: (value: unknown) => void = () => {}, options: StageOptions = {}) {
      const stage = openStage(subject, options);
      const told: unknown[] = [];
      const mailbox: Mailbox = stage.loop.mailbox((value) => {
        told.push(value);
        if (told.length === closeAfter) mailbox.close();
        onMessage(value);
      });
      return { stage, told, mailbox };
    }

    it("tells clones of what is posted, in order, and takes what is transferred", async () => {
      const { stage, told, mailbox } = open(4);
      const poster = new Poster(mailbox.address());
      const bytes = new Uint8Array([1, 2, 3]);
      const values = [{ deep: [new Map([["key", 1n]])] }, "text", undefined];
      for (const value of values) poster.post(value);
      poster.post(bytes, [bytes.buffer]);
      expect(bytes).toHaveLength(0);
      await stage.run();
      expect(told).toEqual([...values, new Uint8Array([1, 2, 3])]);
      expect(told[0]).not.toBe(values[0]);
    });

    it("keeps the loop going until it is closed, and wakes it from its wait", async () => {
      const { stage, told, mailbox } = open(2);
      const poster = new Poster(mailbox.address());
      stage.loop.timers.set(20, () => {
        poster.post("after a rest");
        stage.loop.timers.set(20, () => poster.post("after another"));
      });
      expect(stage.loop.size).toBe(1);
      await stage.run();
      expect(told).toEqual(["after a rest", "after another"]);
      expect(stage.loop.size).toBe(0);
      expect(stage.loop.timers.size).toBe(0);
    });

    it("tells so much a turn, and the rest in the next ones, with posters in turns", async () => {
      const { stage, told, mailbox } = open(2_000);
      const posters = [new Poster(mailbox.address()), new Poster(mailbox.address())];
      for (let index = 0; index < 1_000; index++) {
        for (const [name, poster] of posters.entries()) poster.post([name, index]);
      }
      const [near] = stage.pair();
      const turns: number[] = [];
      stage.loop.add(near, {
        onWritable() {
          turns.push(told.length);
          if (told.length === 2_000) near.close();
        },
      });
      await stage.run();
      for (const name of posters.keys()) {
        const mine = (told as [number, number][]).filter(([poster]) => poster === name);
        expect(mine).toEqual(Array.from({ length: 1_000 }, (_, index) => [name, index]));
      }
      const shares = turns.map((count, turn) => count - (turns[turn - 1] ?? 0));
      expect(Math.max(...shares)).toBeLessThanOrEqual(64);
      // The second is told something long before the first has no more.
      expect((told as [number, number][]).slice(0, 200).some(([poster]) => poster === 1)).toBe(true);
    });

    it("loses nothing when a handler throws, and tells what was thrown", async () => {
      const thrown = (value: unknown): never => {
        throw `thrown at ${value}`;
      };
      const { stage, told, mailbox } = open(3, thrown);
      const poster = new Poster(mailbox.address());
      for (const value of [1, 2, 3]) poster.post(value);
      await stage.run();
      expect(told).toEqual([1, 2, 3]);
      expect(stage.uncaught).toEqual(["thrown at 1", "thrown at 2", "thrown at 3"]);
    });

    it("tells what was posted while the loop was at rest, and after a stop", async () => {
      const { stage, told, mailbox } = open(4, () => stage.loop.stop());
      const poster = new Poster(mailbox.address());
      poster.post(1);
      await stage.run();
      expect(told).toEqual([1]);
      poster.post(2);
      await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual([1]);
      await stage.run();
      expect(told).toEqual([1, 2]);
    });

    it("is rung once for many posts, and again when that was answered", async () => {
      const rings = new RingCount();
      const again = (): void => {
        if (told.length === 10) postTen();
      };
      const { stage, told, mailbox } = open(20, again, { system: rings.counting });
      const address = mailbox.address();
      const poster = new Poster(address);
      rings.handle = address.handle;
      const postTen = (): void => {
        for (let index = 0; index < 10; index++) poster.post(index);
      };
      postTen();
      expect(rings.count).toBe(1);
      await stage.run();
      expect(told).toHaveLength(20);
      expect(rings.count).toBe(2);
    });

    it("rests once it is told everything", async () => {
      const { stage, told, mailbox } = open(0, () => {
        if (told.length === 100) stage.loop.stop();
      });
      const poster = new Poster(mailbox.address());
      for (let index = 0; index < 100; index++) poster.post(index);
      await stage.run();
      // From here on: telling takes its time, and compiling what tells.
      expect(await stage.cpuDuring(200)).toBeLessThan(100);
      expect(told).toHaveLength(100);
    });

    it("can be woken without a message, which is one ring too", async () => {
      const rings = new RingCount();
      const { stage, told, mailbox } = open(1, () => {}, { system: rings.counting });
      const address = mailbox.address();
      const poster = new Poster(address);
      rings.handle = address.handle;
      for (let time = 0; time < 2; time++) {
        poster.wake();
        poster.wake();
        expect(rings.count).toBe(time + 1);
        stage.stopAfterTurns();
        await stage.run();
      }
      expect(told).toEqual([]);
    });

    it("says what the system says when a ring fails, and tells the value with the next", async () => {
      let fails = true;
      const system = (real: {
        sendBytes(handle: number, bytes: Uint8Array): number;
        constants: { ENOBUFS: number };
      }) => ({
        sendBytes: (handle: number, bytes: Uint8Array) =>
          fails ? -real.constants.ENOBUFS : real.sendBytes(handle, bytes),
      });
      const { stage, told, mailbox } = open(2, () => {}, { system });
      const poster = new Poster(mailbox.address());
      expect(() => poster.post(1)).toThrow(expect.objectContaining({ code: "ENOBUFS", syscall: "send" }));
      fails = false;
      poster.post(2);
      await stage.run();
      expect(told).toEqual([1, 2]);
    });

    it("refuses what cannot be cloned, and goes on", async () => {
      const { stage, told, mailbox } = open(1);
      const poster = new Poster(mailbox.address());
      expect(() => poster.post(() => {})).toThrow(expect.objectContaining({ name: "DataCloneError" }));
      poster.post("can be");
      await stage.run();
      expect(told).toEqual(["can be"]);
    });

    it("tells what was posted before its poster was closed, and refuses what comes after", async () => {
      const { stage, told, mailbox } = open(2);
      const [first, second] = [new Poster(mailbox.address()), new Poster(mailbox.address())];
      first.post(1);
      first.close();
      first.close();
      expect(first.closed).toBe(true);
      for (const call of [() => first.post(2), () => first.wake()]) expect(call).toThrow(MAILBOX_CLOSED);
      stage.loop.timers.set(1, () => second.post(3));
      await stage.run();
      expect(told).toEqual([1, 3]);
    });

    it("tells nothing once it is closed, and refuses everything", async () => {
      const { stage, told, mailbox } = open(1);
      const poster = new Poster(mailbox.address());
      for (const value of [1, 2, 3]) poster.post(value);
      await stage.run();
      mailbox.close();
      expect(told).toEqual([1]);
      expect([mailbox.closed, poster.closed]).toEqual([true, true]);
      for (const call of [() => poster.post(4), () => poster.wake(), () => mailbox.address()]) {
        expect(call).toThrow(MAILBOX_CLOSED);
      }
    });

    it("leaves nothing behind when the system has no bell for it", () => {
      let fails = false;
      const failing = (real: System) => ({
        connect: (handle: number, address: Uint8Array) =>
          fails ? -real.constants.ENOBUFS : real.connect(handle, address),
      });
      const { loop } = openStage(subject, { system: failing });
      const before = openHandles();
      fails = true;
      expect(() => loop.mailbox(() => {})).toThrow(expect.objectContaining({ code: "ENOBUFS" }));
      expect(openHandles()).toBe(before);
      expect(loop.size).toBe(0);
      fails = false;
      loop.mailbox(() => {}).close();
      expect(openHandles()).toBe(before);
    });

    it("is closed, and says why, when its bell fails", async () => {
      let broken = -1;
      const failing = (real: System) => ({
        recvBytes(handle: number, into: Uint8Array, flags: number) {
          return handle === broken ? -real.constants.ENOTCONN : real.recvBytes(handle, into, flags);
        },
      });
      const { stage, told, mailbox } = open(0, () => {}, { system: failing });
      const address = mailbox.address();
      const poster = new Poster(address);
      broken = address.handle;
      poster.post(1);
      await stage.run();
      expect(stage.uncaught).toEqual([expect.objectContaining({ code: "ENOTCONN" })]);
      expect(mailbox.closed).toBe(true);
      expect(told).toEqual([]);
      expect(() => poster.post(2)).toThrow(MAILBOX_CLOSED);
    });

    it("is closed with its loop, which opens no other then", () => {
      const { stage, mailbox } = open(1);
      const poster = new Poster(mailbox.address());
      poster.post(1);
      stage.loop.close();
      expect(mailbox.closed).toBe(true);
      expect(() => poster.post(2)).toThrow(MAILBOX_CLOSED);
      expect(() => stage.loop.mailbox(() => {})).toThrow(expect.objectContaining({ code: "ERR_LOOP_CLOSED" }));
    });
  });
}
