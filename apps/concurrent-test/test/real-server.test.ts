import { once } from "node:events";
import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { tested } from "../../../test-support/tested.js";
import type { TestResult } from "../src/result.js";
import { outcome, runProgram, startProgram, startServer } from "./program.js";

describe("against the server that it starts", () => {
  it("shows what it starts, the server's line, the table and the verdict", async () => {
    const { exit, stdout, stderr } = await runProgram();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("Starting async-server on a free port");
    expect(lines[1]).toMatch(/^\[OK\] Server listening on 127\.0\.0\.1:\d+ \(backend \w+\)$/);
    expect(lines[2]).toMatch(/^Clients: 10, messages each: 5, backend: \w+$/);
    expect(lines.at(-1)).toBe("[OK] Every message came back as it was sent");
    expect(stdout).toMatch(/Messages received +│ +50 │/);
    expect(stdout).toMatch(/Success rate +│ +100 % │/);
    expect(stdout).toMatch(/Clients interleaved +│ +yes │/);
  });

  it("is the C library's framed client with one client, one message and a text", async () => {
    const { exit, stdout } = await runProgram(
      ..."--clients 1 --messages 1 --quiet --text".split(" "),
      "Hello from framed client!",
    );
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^┌/);
    expect(stdout).toMatch(/Success rate +│ +100 % │/);
    expect(stdout).toMatch(/Clients interleaved +│ +n\/a │/);
  });

  it.each(tested(availableBackends()))("gets every message of 500 clients x 20 back on %s", async (backend) => {
    const { exit, stdout, stderr } = await runProgram(
      ..."--clients 500 --messages 20 --timeout 15000 --json --backend".split(" "),
      backend,
    );
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(2);
    const result = JSON.parse(stdout) as TestResult;
    expect(result).toMatchObject({
      clients: 500,
      messages: 20,
      sent: 10_000,
      received: 10_000,
      successRate: 1,
      interleaved: true,
      backend,
      failures: [],
    });
    const { mean, p50, p90, p99, max } = result.latencyMs;
    expect(mean).toBeGreaterThan(0);
    expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((a, b) => a - b));
    expect(result.throughput).toBeCloseTo(10_000 / result.seconds, 3);
  });

  it("keeps many messages of many sizes under way", async () => {
    for (const args of ["--size 1 --depth 50 --messages 300", "--size 1048576 --depth 6 --messages 12 --clients 4"]) {
      const { exit, stderr } = await runProgram(...args.split(" "), "--quiet");
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    }
  });

  it("lets --delay milliseconds pass between two messages of a client", async () => {
    const { stdout } = await runProgram(..."--clients 2 --messages 4 --delay 50 --json".split(" "));
    expect((JSON.parse(stdout) as TestResult).seconds).toBeGreaterThan(0.149);
  });

  it("does not mind a reader that has seen enough", async () => {
    const child = startProgram();
    child.stdout!.once("data", () => child.stdout!.destroy());
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });

  it("says why the server could not start", async () => {
    const { exit, stdout, stderr } = await runProgram("--host", "nowhere.invalid", "--json");
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(/^concurrent-test: server: .*the host does not resolve \(E\w+\)\n$/);
  });
});

describe("against a server that runs already", () => {
  it("serves one client after the other in mode blocking, which shows", async () => {
    const port = await startServer("--mode", "blocking");
    const { exit, stdout } = await runProgram("--port", port, "--json");
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ received: 50, successRate: 1, interleaved: false, failures: [] });
  });

  it.each(tested(availableBackends()))("gets every message back from several workers on %s", async (backend) => {
    const port = await startServer("--workers", "2", "--backend", backend);
    const { exit, stdout } = await runProgram(..."--clients 50 --messages 20 --json --port".split(" "), port);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ received: 1_000, successRate: 1, interleaved: true, failures: [] });
  });

  it("tells of clients that the server turns away", async () => {
    const port = await startServer("--max-connections", "3");
    const { exit, stdout } = await outcome(startProgram(..."--clients 5 --json --port".split(" "), port));
    expect(exit).toBe(1);
    // A reset may come while a client still connects: then nobody sends, and those that had connected did not fail.
    const { failures } = JSON.parse(stdout) as TestResult;
    expect(failures.length).toBeGreaterThanOrEqual(1);
    expect(failures.length).toBeLessThanOrEqual(2);
    for (const { code } of failures) expect(code).toMatch(/^(ECONNRESET|EPIPE)$/);
  });
});
