import { describe, expect, it } from "vitest";
import type { TestResult } from "../src/result.js";
import { runProgram } from "./program.js";
import { type Answer, echo, startAnswering } from "./wrong-server.js";

const STALL_MS = 400;

/** Echoes, but stalls once: from the tenth message on it answers nobody for a while. */
function stallOnce(): Answer {
  let count = 0;
  let held: (() => void)[] | null = null;
  return (socket, frame) => {
    if (++count === 10) {
      held = [];
      setTimeout(() => {
        for (const answer of held ?? []) answer();
        held = null;
      }, STALL_MS);
    }
    if (held === null) socket.write(frame);
    else held.push(() => void socket.write(frame));
  };
}

async function runJson(...args: string[]): Promise<TestResult> {
  const { exit, stdout, stderr } = await runProgram(...args, "--json");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(stdout) as TestResult;
}

describe("a server that stalls once", () => {
  it("is seen by every message that was due meanwhile, at a rate", async () => {
    const port = await startAnswering(stallOnce());
    const result = await runJson(..."--clients 4 --rate 200 --duration 0.5 --port".split(" "), `${port}`);
    expect(result).toMatchObject({ messages: null, duration: 0.5, rate: 200, sent: 100, received: 100 });
    const { mean, p50, p90, max } = result.latencyMs;
    // 80 of the 100 were due in these 400 ms, one each 5 ms, and had to wait for what was left of them.
    expect(max).toBeGreaterThan(0.95 * STALL_MS);
    expect(p90).toBeGreaterThan(0.7 * STALL_MS);
    expect(p50).toBeGreaterThan(0.3 * STALL_MS);
    expect(mean).toBeGreaterThan(0.3 * STALL_MS);
  });

  it("is hidden from all but one message of each client without a rate", async () => {
    const port = await startAnswering(stallOnce());
    const { latencyMs } = await runJson(..."--clients 4 --messages 25 --port".split(" "), `${port}`);
    expect(latencyMs.max).toBeGreaterThan(0.95 * STALL_MS);
    expect(latencyMs.p90).toBeLessThan(0.7 * STALL_MS);
  });
});

describe("--duration", () => {
  it("sends until the time is over, and waits for what is still under way", async () => {
    const { sent, received, seconds, successRate } = await runJson(
      ..."--duration 0.3 --delay 20 --clients 3".split(" "),
    );
    expect(sent).toBe(received);
    expect(successRate).toBe(1);
    expect(sent).toBeGreaterThanOrEqual(3);
    expect(sent).toBeLessThanOrEqual(3 * 15);
    expect(seconds).toBeGreaterThan(0.1);
  });

  it("says so, and names the client for which the server ended it", async () => {
    const port = await startAnswering((socket, frame, count) => {
      if (count < 3) socket.write(frame);
      else socket.end();
    });
    const { exit, stdout, stderr } = await runProgram(
      ..."--duration 5 --rate 50 --ramp 0.1 --clients 1 --port".split(" "),
      `${port}`,
    );
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^Clients: 1, seconds: 5, messages per second: 50, coming within: 0.1 s, backend: \w+$/m);
    expect(stderr).toMatch(/Client 1: echoes: expected some until the test is over, got the end .* after 2 \(/);
  });
});

describe("--ramp", () => {
  it("lets the clients come and start one after the other", async () => {
    const events: { what: "came" | "sent"; at: number }[] = [];
    const note = (what: "came" | "sent"): number => events.push({ what, at: performance.now() });
    const port = await startAnswering(
      (socket, frame, count) => {
        note("sent");
        echo(socket, frame, count);
      },
      () => note("came"),
    );
    await runJson(..."--clients 4 --messages 1 --ramp 0.4 --port".split(" "), `${port}`);
    const came = events.filter(({ what }) => what === "came");
    expect(came).toHaveLength(4);
    expect(came.at(-1)!.at - came[0]!.at).toBeGreaterThan(150); // The last is to come 300 ms after the first.
    expect(events.findIndex(({ what }) => what === "sent")).toBeLessThan(events.lastIndexOf(came.at(-1)!));
  });

  it("goes on without those that cannot connect", async () => {
    const { exit, stdout } = await runProgram(..."--clients 2 --ramp 0.1 --port 1 --json".split(" "));
    expect(exit).toBe(1);
    const { failures, sent } = JSON.parse(stdout) as TestResult;
    expect(sent).toBe(0);
    expect(failures.map(({ client, code }) => [client, code])).toEqual([
      [1, "ECONNREFUSED"],
      [2, "ECONNREFUSED"],
    ]);
  });
});
