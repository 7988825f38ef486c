import { CommanderError } from "commander";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { parseArguments } from "../src/arguments.js";

const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  }
  return () => vi.restoreAllMocks();
});

describe("the command line", () => {
  it("is the C library's test by default", () => {
    expect(parseArguments([])).toEqual({
      mode: "echo",
      clients: 10,
      messages: 5,
      depth: 1,
      delay: 0,
      ramp: 0,
      host: "127.0.0.1",
      backend: "auto",
      timeout: 5000,
      json: false,
      quiet: false,
    });
  });

  it("takes every option", () => {
    const args =
      "--clients 2 --messages 3 --size 4 --depth 5 --delay 6 --ramp 0.5 --host ::1 --port 7 --backend libuv --timeout 8 --json --quiet";
    expect(parseArguments(args.split(" "))).toEqual({
      mode: "echo",
      clients: 2,
      messages: 3,
      size: 4,
      depth: 5,
      delay: 6,
      ramp: 0.5,
      host: "::1",
      port: 7,
      backend: "libuv",
      timeout: 8,
      json: true,
      quiet: true,
    });
    expect(parseArguments(["--text", "Hello from framed client!"]).text).toBe("Hello from framed client!");
  });

  it("sends for a time instead of a number of messages, and at a rate without waiting for the answers", () => {
    expect(parseArguments("--duration 1.5 --rate 0.2 --ramp 1".split(" "))).toMatchObject({
      duration: 1.5,
      messages: Number.POSITIVE_INFINITY,
      rate: 0.2,
      depth: Number.POSITIVE_INFINITY,
      ramp: 1,
    });
  });

  it.each([
    ["--duration", "0"],
    ["--duration", "1e3"],
    ["--duration", "2147484"],
    ["--duration=3", "--messages", "5"],
    ["--rate", "0.0"],
    ["--rate", "fast"],
    ["--rate=5", "--depth", "2"],
    ["--rate=5", "--delay", "2"],
    ["--ramp", "-1"],
    ["--ramp=3", "--duration", "3"],
    ["--mode=chat", "--duration", "3"],
    ["--mode=chat", "--ramp", "3"],
    ["--clients", "0"],
    ["--clients", "ten"],
    ["--messages", "1.5"],
    ["--size", "1048577"],
    ["--size", "0"],
    ["--text", ""],
    ["--text", "a", "--size", "3"],
    ["--depth", "0"],
    ["--delay", "-1"],
    ["--host", ""],
    ["--port", "0"],
    ["--port", "65536"],
    ["--backend", "telepathy"],
    ["--timeout", "0"],
    ["--identity", "key.pem"],
    ["--server-key", "any"],
    ["--secure", "--server-key", "any"],
    ["--secure", "--port", "7"],
    ["--no-such-flag"],
    ["extra"],
    ["--\x1b[31m\n\u202eflag"],
  ])("refuses %s %s %s in one line without control characters", (...args) => {
    let exitCode = 0;
    try {
      parseArguments(args);
    } catch (error) {
      if (error instanceof CommanderError) exitCode = error.exitCode;
    }
    expect(exitCode).not.toBe(0);
    expect(written.join("").split("\n")).toEqual([expect.stringMatching(/^concurrent-test: [^\p{C}]+$/u), ""]);
  });
});
