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

function refusal(...args: string[]): { exitCode: number; lines: string[] } {
  try {
    parseArguments(args);
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode, lines: written.join("").split("\n") };
  }
  throw new Error(`arguments: expected ${args.join(" ")} to be refused`);
}

describe("the command line", () => {
  it("has the defaults of the C library's server", () => {
    expect(parseArguments([])).toEqual({
      host: "127.0.0.1",
      port: 8080,
      backend: "auto",
      mode: "echo",
      workers: 1,
      maxConnections: Number.MAX_SAFE_INTEGER,
      idleTimeout: 0,
      quiet: false,
      json: false,
      security: null,
    });
  });

  it("takes every option", () => {
    const args =
      "--host ::1 --port 0 --backend poll --mode chat --workers 4 --max-connections 3 --idle-timeout 250 --quiet --json";
    expect(parseArguments(args.split(" "))).toEqual({
      host: "::1",
      port: 0,
      backend: "poll",
      mode: "chat",
      workers: 4,
      maxConnections: 3,
      idleTimeout: 250,
      quiet: true,
      json: true,
      security: null,
    });
  });

  it("takes the files of a secure server", () => {
    const { security } = parseArguments(["--secure", "--identity", "server.pem", "--allow", "friends"]);
    expect(security).toEqual({ identity: "server.pem", allow: "friends" });
  });

  it.each([
    ["--identity server.pem", "option '--identity <file>' cannot be used without '--secure'"],
    ["--allow any", "option '--allow <file>' cannot be used without '--secure'"],
    ["--secure --allow any", "option '--secure' needs '--identity <file>'"],
    ["--secure --identity server.pem", "option '--secure' needs '--allow <file>', or '--allow any' for everybody"],
    [
      "--secure --identity server.pem --allow any --mode blocking",
      "option '--secure' cannot be used with '--mode blocking'",
    ],
  ])("refuses %s", (args, why) => {
    expect(refusal(...args.split(" "))).toEqual({ exitCode: 1, lines: [`async-server: ${why}`, ""] });
  });

  it("has a limit of the room beside that of connections, and the lower one counts", () => {
    const limitOf = (args: string) => parseArguments(args.split(" ")).maxConnections;
    expect(limitOf("--mode chat --room-limit 5")).toBe(5);
    expect(limitOf("--mode chat --room-limit 5 --max-connections 3")).toBe(3);
    expect(limitOf("--mode chat --max-connections 3")).toBe(3);
  });

  it("takes a port for metrics, but not in mode blocking, which counts nothing", () => {
    expect(parseArguments(["--metrics-port", "9464"]).metricsPort).toBe(9464);
    expect(refusal("--metrics-port", "9464", "--mode", "blocking").lines).toEqual([
      "async-server: option '--metrics-port <number>' cannot be used with '--mode blocking'",
      "",
    ]);
  });

  it("refuses a room's limit without a room", () => {
    const { exitCode, lines } = refusal("--room-limit", "5");
    expect(exitCode).toBe(1);
    expect(lines).toEqual(["async-server: option '--room-limit <count>' cannot be used without '--mode chat'", ""]);
  });

  it("has no workers in mode blocking, which has no event loop", () => {
    const { exitCode, lines } = refusal("--workers", "2", "--mode", "blocking");
    expect(exitCode).toBe(1);
    expect(lines).toEqual(["async-server: option '--workers <count>' cannot be used with '--mode blocking'", ""]);
  });

  it.each([
    ["--workers", "0"],
    ["--port", "65536"],
    ["--port", "-1"],
    ["--port", "80.5"],
    ["--port", "0x50"],
    ["--port", ""],
    ["--host", " "],
    ["--room-limit", "0"],
    ["--metrics-port", "65536"],
    ["--backend", "telepathy"],
    ["--mode", "threads"],
    ["--max-connections", "0"],
    ["--idle-timeout", "2147483648"],
    ["--no-such-flag", "1"],
    ["--port"],
    ["extra"],
    ["--\x1b[31m\n\u202eflag"],
  ])("refuses %s %s in one line without control characters", (...args) => {
    const { exitCode, lines } = refusal(...args);
    expect(exitCode).not.toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^async-server: [^\p{C}]+$/u), ""]);
  });

  it("prints help and version, which are no errors", () => {
    const help = refusal("--help");
    expect(help.exitCode).toBe(0);
    expect(help.lines.join("\n")).toMatch(/--idle-timeout <milliseconds>/);
    written.length = 0;
    expect(refusal("--version")).toEqual({ exitCode: 0, lines: [expect.stringMatching(/^\d+\.\d+\.\d+/), ""] });
  });
});
