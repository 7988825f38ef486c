import type { Socket } from "@p2pnet/socket";
import { isSystemError } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { READABLE, WRITABLE } from "../../src/index.js";
import { deafPort, deliver, receive, text } from "./sockets.js";
import { openStage, type Stage } from "./stage.js";
import type { Subject } from "./subject.js";

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? `${error}`;

/** Ends, resets and failures: nothing that was sent is lost, and everyone is told once. */
export function hangUpContract(subject: Subject): void {
  describe("hang-ups", () => {
    /** Adds a reader that keeps what it is told, one small piece at a time, and stops at the end or the error. */
    const record = ({ loop }: Stage, socket: Socket, interest = READABLE): string[] => {
      const told: string[] = [];
      const piece = new Uint8Array(3);
      const onReadable = (): void => {
        const length = socket.recv(piece);
        told.push(length === 0 ? "<end>" : Buffer.from(piece.subarray(0, length)).toString());
        if (length === 0) loop.stop();
      };
      const onError = (error: Error): void => {
        told.push(`${error.message}, ${loop.size} registered`);
        loop.stop();
      };
      loop.add(socket, { onReadable, onError }, interest);
      return told;
    };

    it("gives what was sent before the end, then the end", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("abcdef"));
      far.close();
      const told = record(stage, near);
      await stage.run();
      expect(told).toEqual(["abc", "def", "<end>"]);
    });

    it("gives what was sent before a reset, then the error, once, with the socket removed first", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("abcdef"));
      far.abort();
      const told = record(stage, near);
      await stage.run();
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toEqual(["abc", "def", "read ECONNRESET, 0 registered"]);
      expect(stage.uncaught).toEqual([]);
    });

    it("gives a reset to a socket that only writes", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      far.abort();
      const errors: string[] = [];
      const onError = (error: Error): void => void errors.push(codeOf(error));
      stage.loop.add(near, { onWritable() {}, onError });
      stage.stopAfterTurns();
      await stage.run();
      expect(errors).toEqual(["ECONNRESET"]);
      expect(stage.loop.size).toBe(0);
    });

    it("gives a reset to a socket for which nobody reads, whatever it asked for", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      far.abort();
      const errors: string[] = [];
      stage.loop.add(near, { onError: (error) => void errors.push(codeOf(error)) }, READABLE);
      stage.stopAfterTurns();
      await stage.run();
      expect(errors).toEqual(["ECONNRESET"]);
    });

    it("leaves a paused socket in peace when its peer resets, and spins not", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      deliver(far, near, text("abc"));
      const told = record(stage, near);
      stage.loop.modify(near, 0);
      far.abort();
      expect(await stage.cpuDuring(200)).toBeLessThan(100);
      expect(told).toEqual([]);

      stage.loop.modify(near, READABLE);
      await stage.run();
      expect(told).toEqual(["abc", "read ECONNRESET, 0 registered"]);
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

    it.each([
      { who: "onWritable, which takes it", takes: true },
      { who: "onError, if nobody takes it", takes: false },
    ])("gives a connect's failure to $who", async ({ takes }) => {
      const stage = openStage(subject);
      const { socket: deaf, port } = deafPort();
      stage.own(deaf);
      const socket = stage.socket();
      const told: string[] = [];
      socket.connect({ address: "127.0.0.1", port });
      stage.loop.add(socket, {
        onWritable() {
          if (!takes) return;
          told.push(`taken: ${socket.takeError()?.message}`);
          stage.loop.remove(socket);
        },
        onError: (error) => void told.push(`told: ${error.message}`),
      });
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toEqual([`${takes ? "taken" : "told"}: connect ECONNREFUSED 127.0.0.1:${port}`]);
      expect(stage.loop.size).toBe(0);
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

    it("gives a failure to onUncaught where there is no onError, and removes the socket all the same", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      far.abort();
      stage.loop.add(near, { onReadable: () => void receive(near) });
      stage.stopAfterTurns();
      await stage.run();
      expect(stage.uncaught.map(codeOf)).toEqual(["ECONNRESET"]);
      expect(stage.loop.size).toBe(0);
    });

    it("gives what onError throws to onUncaught", async () => {
      const stage = openStage(subject);
      const [near, far] = stage.pair();
      far.abort();
      stage.loop.add(near, {
        onReadable: () => void receive(near),
        onError() {
          throw new Error("from onError");
        },
      });
      stage.stopAfterTurns();
      await stage.run();
      expect(stage.uncaught).toEqual([new Error("from onError")]);
    });

    if (subject.closedHandleCode !== null) {
      it.each([
        { what: "reader", interest: READABLE },
        { what: "writer", interest: WRITABLE },
      ])("tells a $what whose handle was closed behind the loop's back, once", async ({ interest }) => {
        const stage = openStage(subject);
        const [near] = stage.pair();
        const errors: string[] = [];
        const onError = (error: Error): void => void errors.push(codeOf(error));
        stage.loop.add(near, { onReadable: () => void receive(near), onWritable() {}, onError }, interest);
        stage.stopAfterTurns(10);
        // Not before it runs: the host may open a handle of its own, and get that number.
        stage.afterTurns(2, () => stage.closeHandle(near));
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
