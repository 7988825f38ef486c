import type { Socket } from "@p2pnet/socket";
import { system } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { RETRY_MS } from "../../src/index.js";
import { receive, text } from "./sockets.js";
import { openStage, type Stage } from "./stage.js";
import type { Subject } from "./subject.js";

/** Of descriptors, and of memory. Windows knows no `ENFILE`. */
const SHORTAGES = (["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"] as const).filter(
  (code) => system().constants[code] !== null,
);

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** Level 2: accepting and connecting. */
export function listenerContract(subject: Subject): void {
  const connect = (stage: Stage, listener: Socket): Socket => {
    const peer = stage.socket();
    peer.connect(listener.localAddress);
    return peer;
  };

  describe("listeners", () => {
    it("hand over connected sockets, which do not block", async () => {
      const stage = openStage(subject);
      const socket = stage.listening();
      const listener = stage.loop.listener(socket, {
        onConnection(accepted) {
          stage.own(accepted);
          expect(receive(accepted)).toBe("");
          expect(accepted.remoteAddress).toEqual(peer.localAddress);
          listener.close();
          listener.close();
        },
        onError: (error) => expect.unreachable(error.message),
      });
      const peer = connect(stage, socket);
      await stage.run();
      expect(socket.closed).toBe(true);
      expect(stage.loop.size).toBe(0);
    });

    it("leave peers waiting while they are paused", async () => {
      const stage = openStage(subject);
      const socket = stage.listening();
      const accepted: number[] = [];
      let paused = true;
      const listener = stage.loop.listener(socket, {
        onConnection(peer) {
          stage.own(peer);
          expect(paused).toBe(false);
          paused = true;
          listener.pause();
          accepted.push(1);
          if (accepted.length === 2) stage.loop.stop();
          else resumeLater();
        },
        onError: (error) => expect.unreachable(error.message),
      });
      const resumeLater = (): void =>
        stage.afterTurns(5, () => {
          paused = false;
          listener.resume();
        });
      listener.pause();
      connect(stage, socket);
      connect(stage, socket);
      resumeLater();
      await stage.run();
      expect(accepted).toHaveLength(2);
    });

    it.each(SHORTAGES)("pause at %s, and go on by themselves", async (code) => {
      let calls = 0;
      const stage = openStage(subject, {
        system: (real) => ({
          accept: (handle) => (++calls <= 2 ? -real.constants[code]! : real.accept(handle)),
        }),
      });
      const socket = stage.listening();
      const told: unknown[] = [];
      stage.loop.listener(socket, {
        onConnection(peer) {
          stage.own(peer);
          told.push("connection");
          stage.loop.stop();
        },
        onError: (error) => told.push(codeOf(error)),
      });
      connect(stage, socket);
      const started = performance.now();
      await stage.run();
      expect(told).toEqual([code, code, "connection"]);
      expect(performance.now() - started).toBeGreaterThanOrEqual(2 * RETRY_MS - 2);
      expect(calls).toBeLessThanOrEqual(4);
    });

    it("stay paused if they are told to while memory is short", async () => {
      const stage = openStage(subject, { system: (real) => ({ accept: () => -real.constants.ENOBUFS }) });
      const socket = stage.listening();
      const told: unknown[] = [];
      const listener = stage.loop.listener(socket, {
        onConnection: () => expect.unreachable(),
        onError(error) {
          told.push(codeOf(error));
          listener.pause();
          stage.loop.timers.set(RETRY_MS + 20, () => stage.loop.stop());
        },
      });
      connect(stage, socket);
      await stage.run();
      expect(told).toEqual(["ENOBUFS"]);
    });

    it("leave nothing behind when they are closed while descriptors are short", async () => {
      const stage = openStage(subject, { system: (real) => ({ accept: () => -real.constants.EMFILE }) });
      const socket = stage.listening();
      const listener = stage.loop.listener(socket, {
        onConnection: () => expect.unreachable(),
        onError() {
          listener.close();
          left.push(stage.loop.size, stage.loop.timers.size);
        },
      });
      const left: number[] = [];
      connect(stage, socket);
      await stage.run();
      expect(left).toEqual([0, 0]);
    });

    it("close when accepting fails for good", async () => {
      const stage = openStage(subject, { system: (real) => ({ accept: () => -real.constants.EINVAL }) });
      const socket = stage.listening();
      const told: unknown[] = [];
      stage.loop.listener(socket, {
        onConnection: () => expect.unreachable(),
        onError: (error) => told.push([codeOf(error), socket.closed]),
      });
      connect(stage, socket);
      await stage.run();
      expect(told).toEqual([["EINVAL", true]]);
    });

    it("go on accepting when a handler throws", async () => {
      const stage = openStage(subject);
      const socket = stage.listening();
      let accepted = 0;
      stage.loop.listener(socket, {
        onConnection(peer) {
          stage.own(peer);
          if (++accepted === 3) stage.loop.stop();
          throw new Error(`peer ${accepted}`);
        },
        onError: (error) => expect.unreachable(error.message),
      });
      for (let index = 0; index < 3; index++) connect(stage, socket);
      await stage.run();
      expect(stage.uncaught).toEqual([1, 2, 3].map((number) => new Error(`peer ${number}`)));
    });
  });

  describe("connecting", () => {
    const handlers = (stage: Stage, told: string[]) => ({
      onConnect() {
        told.push(`connected, ${stage.loop.size} registered`);
        stage.loop.stop();
      },
      onError(error: Error) {
        told.push(`${error.message}, ${stage.loop.size} registered`);
        stage.loop.stop();
      },
    });

    it("tells success later, with the socket ready for a stream", async () => {
      const stage = openStage(subject);
      const listener = stage.listening();
      const socket = stage.socket();
      const told: string[] = [];
      stage.loop.connect(socket, listener.localAddress, handlers(stage, told));
      expect(told).toEqual([]);
      await stage.run();
      expect(told).toEqual(["connected, 0 registered"]);
      expect(socket.send(text("x"))).toBe(1);
    });

    it("tells nothing when the socket is closed meanwhile", async () => {
      const stage = openStage(subject);
      const listener = stage.listening();
      const socket = stage.socket();
      const told: string[] = [];
      stage.loop.connect(socket, listener.localAddress, handlers(stage, told));
      socket.close();
      stage.stopAfterTurns();
      await stage.run();
      expect(told).toEqual([]);
    });

    it("throws what the system refuses at once, and watches nothing", () => {
      const stage = openStage(subject, { system: (real) => ({ connect: () => -real.constants.ENETUNREACH! }) });
      const socket = stage.socket();
      const attempt = (): void =>
        stage.loop.connect(socket, { address: "127.0.0.1", port: 9 }, { onConnect() {}, onError() {} });
      expect(attempt).toThrow(expect.objectContaining({ code: "ENETUNREACH" }));
      expect(stage.loop.size).toBe(0);
    });

    it("does not begin with a socket that a loop watches", () => {
      const stage = openStage(subject);
      const listener = stage.listening();
      const socket = stage.socket();
      stage.loop.add(socket, {});
      const attempt = (): void => stage.loop.connect(socket, listener.localAddress, { onConnect() {}, onError() {} });
      expect(attempt).toThrow(expect.objectContaining({ code: "ERR_SOCKET_IN_USE" }));
      expect(listener.accept()).toBeNull();
    });
  });
}
