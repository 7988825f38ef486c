import { Socket } from "@p2pnet/socket";
import { ManualClock } from "@p2pnet/stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { EventLoop, READABLE } from "../../src/index.js";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

const code = (expected: string) => expect.objectContaining({ code: expected });

/** Running, stopping, closing, and what is refused. */
export function lifecycleContract(subject: Subject): void {
  describe("lifecycle", () => {
    it("returns when nothing is left, or was there at all", async () => {
      const stage = openStage(subject);
      await stage.run();
      const [near, far] = stage.pair();
      stage.loop.add(near, {
        onReadable() {
          expect(stage.loop.running).toBe(true);
          near.close();
        },
      });
      far.send(text("x"));
      await stage.run();
      expect(stage.loop.running).toBe(false);
      expect(stage.loop.size).toBe(0);
    });

    it("does nothing before it runs and after it was stopped, and goes on when it runs again", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const told: string[] = [];
      let now = "before";
      stage.loop.add(near, {
        onReadable() {
          told.push(`${now}: ${receive(near)}`);
          stage.loop.stop();
        },
      });
      stage.loop.timers.set(0, () => void told.push(`${now}: timer`));
      deliver(far, near, text("x"));
      await nodeTurns();
      now = "first run";
      await stage.run();

      now = "between";
      deliver(far, near, text("y"));
      stage.loop.timers.set(0, () => void told.push(`${now}: timer`));
      await nodeTurns();
      expect(stage.loop.size).toBe(1);
      now = "second run";
      await stage.run();
      expect(new Set(told)).toEqual(
        new Set(["first run: x", "first run: timer", "second run: y", "second run: timer"]),
      );
      expect(told).toHaveLength(4);
    });

    it("stops after the turn: what it wrote leaves, and only then does run return", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const order: string[] = [];
      const stream = stage.loop.stream(near, {
        onData() {
          stream.write(text("goodbye"));
          stage.loop.stop();
          stage.loop.stop();
        },
        onEnd() {},
        onDrain: () => void order.push("drained"),
        onError() {},
      });
      deliver(far, near, text("x"));
      await stage.run();
      order.push("returned");
      expect(order).toEqual(["drained", "returned"]);
      expect(receive(far)).toBe("goodbye");
      stream.close();
    });

    it("may be closed by a handler: nobody is told anything more, and sockets stay open", async () => {
      const stage = openStage(subject);
      const nears = [stage.pair(), stage.pair()].map(([near, far]) => {
        deliver(far, near, text("x"));
        return near;
      });
      let told = 0;
      stage.loop.timers.set(0, () => void (told > 0 && told++));
      for (const near of nears) {
        stage.loop.add(near, {
          onReadable() {
            told++;
            stage.loop.close();
            stage.loop.close();
          },
        });
      }
      await stage.run();
      expect(told).toBe(1);
      expect(stage.loop.size).toBe(0);
      expect(nears.map((near) => receive(near))).toEqual(["x", "x"]);
    });

    it("refuses whatever a closed loop cannot do", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      stage.loop.add(near, {}, READABLE);
      stage.loop.close();
      expect(() => stage.loop.add(near, {})).toThrow(code("ERR_LOOP_CLOSED"));
      await expect(stage.run()).rejects.toThrow(code("ERR_LOOP_CLOSED"));
      await expect(stage.loop.run()).rejects.toThrow(code("ERR_LOOP_CLOSED"));

      const other = new EventLoop({ backend: subject.backend });
      onTestFinished(() => other.close());
      other.add(near, {}, READABLE);
      expect(other.size).toBe(1);
    });

    it("is closed by using", () => {
      const stage = openStage(subject);
      stage.loop[Symbol.dispose]();
      expect(() => stage.loop.add(stage.socket(), {})).toThrow(code("ERR_LOOP_CLOSED"));
    });

    it("refuses to run twice at once", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      const refused: unknown[] = [];
      stage.loop.add(near, {
        onWritable() {
          stage.loop.remove(near);
          stage.loop.run().catch((error: unknown) => refused.push(error));
          try {
            stage.loop.runSync();
          } catch (error) {
            refused.push(error);
          }
          stage.stopAfterTurns(2);
        },
      });
      await stage.run();
      const ofRunSync = subject.backend === "libuv" ? "ERR_BACKEND_UNAVAILABLE" : "ERR_LOOP_RUNNING";
      expect(refused).toContainEqual(code("ERR_LOOP_RUNNING"));
      expect(refused).toContainEqual(code(ofRunSync));
      expect(refused).toHaveLength(2);
    });

    it("refuses runSync inside of a turn, also when the loop was stopped there", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      let refused: unknown;
      stage.loop.add(near, {
        onWritable() {
          stage.loop.stop();
          try {
            stage.loop.runSync();
          } catch (error) {
            refused = error;
          }
        },
      });
      await stage.run();
      expect(refused).toEqual(code(subject.backend === "libuv" ? "ERR_BACKEND_UNAVAILABLE" : "ERR_LOOP_RUNNING"));
    });

    if (subject.besideNode) {
      it("may be run anew by the handler that stopped it", async () => {
        const stage = openStage(subject);
        const [near, far] = stage.pair();
        deliver(far, near, text("x"));
        let told = 0;
        let second: Promise<void> | null = null;
        stage.loop.add(near, {
          onReadable() {
            if (++told === 3) stage.loop.stop();
            if (told > 1) return;
            stage.loop.stop();
            second = stage.loop.run();
          },
        });
        await stage.run();
        await second;
        expect(told).toBe(3);
      });
    }

    it("refuses a socket that a loop watches already, and one that is closed", () => {
      const stage = openStage(subject);
      const other = openStage(subject);
      const [near] = stage.pair();
      stage.loop.add(near, {}, READABLE);
      for (const loop of [stage.loop, other.loop]) {
        expect(() => loop.add(near, {})).toThrow(code("ERR_SOCKET_IN_USE"));
        expect(() => loop.stream(near)).toThrow(code("ERR_SOCKET_IN_USE"));
      }
      expect(stage.loop.size).toBe(1);
      expect(other.loop.size).toBe(0);
      near.close();
      expect(() => stage.loop.add(near, {})).toThrow(code("ERR_SOCKET_CLOSED"));
      expect(stage.loop.size).toBe(0);
    });

    it("refuses to change or remove a socket that it does not watch", () => {
      const stage = openStage(subject);
      const socket = Socket.open("tcp");
      stage.own(socket);
      expect(() => stage.loop.modify(socket, READABLE)).toThrow(code("ERR_SOCKET_NOT_REGISTERED"));
      expect(() => stage.loop.remove(socket)).toThrow(code("ERR_SOCKET_NOT_REGISTERED"));
    });

    it.each([4, 8, -1, 1.5, Number.NaN])("refuses an interest of %s", (interest) => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      stage.loop.add(near, {}, READABLE);
      expect(() => stage.loop.modify(near, interest)).toThrow(code("ERR_INVALID_ARG_VALUE"));
      expect(() => stage.loop.add(far, {}, interest)).toThrow(code("ERR_INVALID_ARG_VALUE"));
      expect(stage.loop.size).toBe(1);
    });

    it("takes its next turn at once when it is woken", async () => {
      const clock = new ManualClock();
      const stage = openStage(subject, { clock });
      const [near] = stage.pair();
      stage.loop.add(near, {}, READABLE);
      let fired = false;
      stage.loop.timers.set(60_000, () => {
        fired = true;
        stage.loop.stop();
      });
      const wake = (): void => {
        clock.advance(60_000);
        stage.loop.wake();
      };
      if (subject.besideNode) void nodeTurns().then(wake);
      else stage.afterTurns(2, wake);
      await stage.run();
      expect(fired).toBe(true);
    });
  });
}

/** Lets Node's own loop go round a few times. */
async function nodeTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
