import { describe, expect, it } from "vitest";
import { NodeTimers } from "../src/transports/node-timers.js";
import { nextUncaught } from "./next-uncaught.js";
import { runProgram } from "./run-program.js";
import { until } from "./until.js";

describe("timers that Node drives", () => {
  it("come in the order of their deadlines, refreshed and cancelled ones too", async () => {
    const timers = new NodeTimers(true);
    const told: string[] = [];
    const tell = (name: string) => () => void told.push(name);
    timers.set(1, tell("cancelled")).cancel();
    const late = timers.set(1, tell("late"));
    timers.set(8, tell("second"));
    timers.set(4, tell("first"));
    late.refresh(12);
    await until("all of them", () => told.length === 3);
    expect(told).toEqual(["first", "second", "late"]);
    expect(timers.size).toBe(0);
  });

  it("come although an earlier one was cancelled, when it was the only one", async () => {
    const timers = new NodeTimers(true);
    let told = false;
    timers.set(1, () => expect.unreachable("cancelled")).cancel();
    timers.set(2, () => {
      told = true;
    });
    await until("the second", () => told);
  });

  it("may be revived by their own callback, and by nothing else", async () => {
    const timers = new NodeTimers(true);
    let rounds = 0;
    const timer = timers.set(1, () => {
      if (++rounds < 3) timer.refresh(1);
    });
    await until("three rounds", () => rounds === 3);
    expect(timer.pending).toBe(false);
  });

  it("go on beside one that throws, which is an uncaught exception", async () => {
    const timers = new NodeTimers(true);
    const thrown = nextUncaught();
    let told = false;
    timers.set(1, () => {
      throw new Error("in a timer");
    });
    timers.set(1, () => {
      told = true;
    });
    expect([await thrown, told]).toEqual([new Error("in a timer"), true]);
  });

  it("keep a process running that waits for a deadline", async () => {
    const program = `
      import { connect } from "@p2pnet/connection";
      const resolver = () => new Promise(() => {});
      const wait = (connectTimeoutMs) => connect({ host: "slow", port: 9, transport: "node", connectTimeoutMs, resolver });
      await wait(5).catch((error) => console.log(error.code));
    `;
    expect(await runProgram(program)).toBe("ERR_CONNECT_TIMEOUT\n");
  });
});
