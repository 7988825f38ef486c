import type { Socket } from "@p2pnet/socket";
import { describe, expect, it } from "vitest";
import { READABLE } from "../../src/index.js";
import { record } from "./record.js";
import { Recorder } from "./recorder.js";
import { deafPort, deliver, receive, text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? `${error}`;

/** Resets and refusals, where what reports them leaves the error to the socket: nothing that was sent is lost. */
export function resetContract(subject: Subject): void {
  if (subject.tellsResets) describe("resets", () => resets(subject));
  if (subject.tellsRefusals) describe("refusals", () => refusals(subject));
}

function resets(subject: Subject): void {
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

  it("does not fail a socket that was paused earlier in the batch, and keeps what it was sent", async () => {
    const stage = openStage(subject);
    const [first, firstFar] = stage.pair();
    const [second, secondFar] = stage.pair();
    for (const [near, far] of [
      [first, firstFar],
      [second, secondFar],
    ] as const) {
      deliver(far, near, text("kept"));
      far.abort();
    }
    const told: string[] = [];
    let paused: Socket | null = null;
    const add = (near: Socket, other: Socket): void =>
      stage.loop.add(near, {
        onReadable() {
          told.push(receiveOnce(near));
          if (paused === null) stage.loop.modify(other, 0);
          paused ??= other;
        },
        onError: (error) => void told.push(`${near === paused ? "paused" : "reading"}: ${error.message}`),
      });
    add(first, second);
    add(second, first);
    stage.afterTurns(5, () => {
      told.push("resumed");
      stage.loop.modify(paused!, READABLE);
      stage.stopAfterTurns(5);
    });
    await stage.run();
    expect(told).toEqual(["kept", "reading: read ECONNRESET", "resumed", "kept", "paused: read ECONNRESET"]);
  });

  it("gives a reset to a stream that is paused and waits for room, once, and spins not", async () => {
    const stage = openStage(subject);
    const [near, far] = stage.pair();
    const recorder = new Recorder();
    const stream = stage.loop.stream(near);
    stream.start(recorder);
    stream.write(new Uint8Array(8_000_000));
    stage.afterTurns(5, () => {
      expect(stream.bufferedBytes).toBeGreaterThan(0);
      far.abort();
    });
    expect(await stage.cpuDuring(200)).toBeLessThan(150);
    expect(recorder.told.filter((what) => what !== "drain")).toEqual(["error ECONNRESET"]);
    expect(stream.bufferedBytes).toBe(0);
  });
}

function refusals(subject: Subject): void {
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
        stage.stopAfterTurns();
      },
      onError(error) {
        told.push(`told: ${error.message}`);
        stage.stopAfterTurns();
      },
    });
    await stage.run();
    expect(told).toEqual([`${takes ? "taken" : "told"}: connect ECONNREFUSED 127.0.0.1:${port}`]);
    expect(stage.loop.size).toBe(0);
  });

  it("gives a refusal with its address to whoever had the loop connect, and leaves them the socket", async () => {
    const stage = openStage(subject);
    const { socket: deaf, port } = deafPort();
    stage.own(deaf);
    const socket = stage.socket();
    const told: string[] = [];
    const end = (what: string): void => {
      told.push(`${what}, ${stage.loop.size} registered`);
      stage.loop.stop();
    };
    const handlers = { onConnect: () => end("connected"), onError: (error: Error) => end(error.message) };
    stage.loop.connect(socket, { address: "127.0.0.1", port }, handlers);
    await stage.run();
    expect(told).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}, 0 registered`]);
    expect(socket.closed).toBe(false);
  });
}

function receiveOnce(socket: Socket): string {
  const into = new Uint8Array(100);
  return Buffer.from(into.subarray(0, socket.recv(into))).toString();
}
