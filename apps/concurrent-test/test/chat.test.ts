import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { tested } from "../../../test-support/tested.js";
import type { TestResult } from "../src/result.js";
import { runProgram, startServer } from "./program.js";
import { startRoom } from "./wrong-room.js";

describe("a chat with the server that it starts", () => {
  it("shows what it starts, the table and the verdict", async () => {
    const { exit, stdout, stderr } = await runProgram("--mode", "chat");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^Clients: 10, messages each: 5, mode: chat, backend: \w+$/m);
    expect(stdout).toMatch(/Messages sent +│ +50 │/);
    expect(stdout).toMatch(/Messages received +│ +450 │/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      "[OK] Every client got every message of all others, once and in order",
    );
  });

  it.each(tested(availableBackends()))("gets every message of 50 clients to all others on %s", async (backend) => {
    const { exit, stdout } = await runProgram(
      ..."--mode chat --clients 50 --messages 20 --depth 4 --timeout 15000 --json --backend".split(" "),
      backend,
    );
    expect(exit).toBe(0);
    expect(JSON.parse(stdout) as TestResult).toMatchObject({
      mode: "chat",
      clients: 50,
      sent: 1_000,
      received: 49_000,
      successRate: 1,
      interleaved: true,
      failures: [],
    });
  });

  it("also with payloads that are only just long enough, and with long ones", async () => {
    for (const size of ["2", "100000"]) {
      const args = ["--mode", "chat", "--clients", "4", "--messages", "9", "--size", size, "--quiet"];
      expect(await runProgram(...args)).toMatchObject({ exit: 0, stderr: "" });
    }
  });
});

describe("a room that", () => {
  it.each([
    ["loses a message", /^ERR_CHAT_ORDER$/, { copies: (count: number) => (count === 2 ? 0 : 1) }],
    ["loses the last messages", /^ERR_CHAT_TIMEOUT$/, { copies: (count: number) => (count > 8 ? 0 : 1) }],
    ["repeats a message", /^ERR_CHAT_REPEATED$/, { copies: (count: number) => (count === 2 ? 2 : 1) }],
    [
      "changes a message",
      /^ERR_CHAT_MISMATCH$/,
      { change: (payload: Buffer) => payload.fill("?", payload.length - 1) },
    ],
    ["says something of its own", /^ERR_CHAT_MISMATCH$/, { change: () => Buffer.from("welcome!") }],
    ["sends everybody their own messages, too", /^ERR_CHAT_OWN$/, { toSelf: true }],
    ["ends in the midst of it", /^ERR_CHAT_MISSING$/, { endsAfter: 5 }],
  ])("%s is found out, and tells so in a line", async (_, code, faults) => {
    const port = await startRoom(faults);
    const args = [
      "--mode",
      "chat",
      "--clients",
      "3",
      "--messages",
      "4",
      "--depth",
      "4",
      "--timeout",
      "500",
      "--port",
      `${port}`,
    ];
    const { exit, stdout } = await runProgram(...args, "--json");
    expect(exit).toBe(1);
    const { failures, successRate } = JSON.parse(stdout) as TestResult;
    expect(successRate).toBeLessThan(1);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]!.code).toMatch(code);
  });

  it("is right passes, whoever wrote it", async () => {
    const port = await startRoom({});
    expect(await runProgram("--mode", "chat", "--port", `${port}`, "--quiet")).toMatchObject({ exit: 0, stderr: "" });
  });
});

describe.each(tested(availableBackends()))("a room of several workers on %s", (backend) => {
  it("lets every client hear all others, once and in order", async () => {
    const port = await startServer("--mode", "chat", "--workers", "2", "--backend", backend);
    const { exit, stderr } = await runProgram("--mode", "chat", "--clients", "20", "--messages", "20", "--port", port);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  });
});

describe("a server in the other mode", () => {
  it("is named when it echoes", async () => {
    const port = await startServer();
    const { exit, stderr } = await runProgram("--mode", "chat", "--port", port, "--quiet");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/expected those of others only, as a server in mode chat sends them, got its own/);
  });

  it("is named when it relays", async () => {
    const port = await startServer("--mode", "chat");
    const { exit, stderr } = await runProgram("--port", port, "--quiet", "--timeout", "1000");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^\[FAIL\] Client \d+: .*got message \d of client \d+, as a server in mode chat sends it/m);
  });
});

describe("a chat's command line", () => {
  it.each([
    [["--clients", "1"], /expected at least 2 .*got 1/],
    [["--text", "hello"], /does not tell who said it/],
    [["--clients", "10", "--messages", "5", "--size", "1"], /expected at least 2, for 50 messages to differ, got 1/],
  ])("refuses %j in one line", async (args, why) => {
    const { exit, stderr } = await runProgram("--mode", "chat", ...args);
    expect(exit).toBe(2);
    expect(stderr).toMatch(why);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
