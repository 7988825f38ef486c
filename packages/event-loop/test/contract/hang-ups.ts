import { isSystemError } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { READABLE, WRITABLE } from "../../src/index.js";
import { record } from "./record.js";
import { deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? `${error}`;

/** Ends, resets and failures: nothing that was sent is lost, and everyone is told once. */
export function hangUpContract(subject: Subject): void {
  describe("hang-ups", () => {
    it("gives what was sent before the end, then the end", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("abcdef"));
      far.close();
      const told = record(stage, near);
      await stage.run();
      expect(told).toEqual(["abc", "def", "<end>"]);
    });

    it("tells a reset peer's writer by the error of its own send", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      const errors: string[] = [];
      stage.loop.add(near, {
        onWritable: () => void near.send(text("x")),
        onError(error) {
          errors.push(codeOf(error));
          stage.loop.stop();
        },
      });
      stage.afterTurns(2, () => far.abort());
      await stage.run();
      expect(errors).toHaveLength(1);
      expect(["EPIPE", "ECONNRESET"]).toContain(errors[0]);
    });

    it("gives the error of a socket's own call to its onError", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      near.shutdown("write");
      const errors: Error[] = [];
      stage.loop.add(near, {
        onWritable: () => void near.send(text("x")),
        onError(error) {
          errors.push(error);
          expect(stage.loop.size).toBe(0);
          stage.loop.stop();
        },
      });
      await stage.run();
      expect(errors.map(codeOf)).toEqual(["EPIPE"]);
      expect(isSystemError(errors[0])).toBe(true);
    });

    it("gives the error of another socket's call to onUncaught: this one has not failed", async () => {
      const stage = openStage(subject);
      const [near] = stage.pair();
      const [other] = stage.pair();
      other.shutdown("write");
      const errors: Error[] = [];
      stage.loop.add(near, {
        onWritable: () => void other.send(text("x")),
        onError: (error) => void errors.push(error),
      });
      stage.stopAfterTurns(2);
      await stage.run();
      expect(errors).toEqual([]);
      expect(codeOf(stage.uncaught[0])).toBe("EPIPE");
      expect(stage.loop.size).toBe(1);
    });

    if (subject.closedHandleCode !== null) {
      it.each([
        { what: "reader", interest: READABLE },
        { what: "writer", interest: WRITABLE },
      ])("tells a $what whose handle was closed behind the loop's back, once", async ({ interest }) => {
        const stage = openStage(subject);
        const [near, far] = stage.pair();
        const errors: string[] = [];
        const onError = (error: Error): void => void errors.push(codeOf(error));
        stage.loop.add(near, { onReadable: () => void receive(near), onWritable() {}, onError }, interest);
        stage.stopAfterTurns(10);
        // Not before it runs: the host may open a handle of its own, and get that number.
        stage.afterTurns(2, () => {
          stage.closeHandle(near);
          if (subject.closedHandleTold === "when ready") far.send(text("x"));
        });
        await stage.run();
        expect(errors).toEqual([subject.closedHandleCode]);
        expect(stage.loop.size).toBe(0);
        near.detach();
      });
    } else {
      it("is silent about a handle that was closed behind its back, and spins not", async () => {
        const stage = openStage(subject);
        const [near, far] = stage.pair();
        let told = 0;
        stage.loop.add(near, { onReadable: () => told++, onError: () => told++ });
        stage.loop.timers.set(1, () => {
          stage.closeHandle(near);
          far.send(text("x"));
        });
        expect(await stage.cpuDuring(200)).toBeLessThan(100);
        expect(told).toBe(0);
        near.detach();
        expect(stage.loop.size).toBe(0);
      });
    }
  });
}
