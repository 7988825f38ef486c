import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it, onTestFinished } from "vitest";
import { RunningServer } from "./running-server.js";

/** The exit code and what is on stderr, which has to be one line. */
async function failure(...args: string[]): Promise<[exit: number | string, line: string]> {
  const server = new RunningServer(args);
  onTestFinished(() => server.kill());
  const exit = await server.exited;
  expect(server.lines).toEqual([]);
  expect(server.stderr).toMatch(/^async-server: [^\n]+\n$/);
  return [exit, server.stderr.trim()];
}

describe("bad input", () => {
  it.each([
    [["--verbose"], "unknown option '--verbose'"],
    [["--backend", "telepathy"], `Allowed choices are ${["auto", ...availableBackends()].join(", ")}.`],
    [["--mode", "threads"], "Allowed choices are echo, chat, blocking."],
    [["--port", "65536"], "Expected a whole number from 0 to 65535."],
  ])("%j is a usage error", async (args, why) => {
    const [exit, line] = await failure(...args);
    expect(exit).toBe(2);
    expect(line).toContain(why);
  });

  it.each(["echo", "blocking"])("a port that is taken is named, in mode %s", async (mode) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const result = await failure("--port", `${port}`, "--mode", mode);
    taken.close();
    expect(result).toEqual([
      1,
      `async-server: cannot listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)`,
    ]);
  });

  it.each(["echo", "blocking"])("a host that does not resolve is named, in mode %s", async (mode) => {
    const [exit, line] = await failure("--host", "nowhere.invalid", "--mode", mode);
    expect(exit).toBe(1);
    expect(line).toMatch(/^async-server: cannot listen on nowhere\.invalid:8080: the host does not resolve \(E\w+\)$/);
  });

  it("an address of another machine is refused", async () => {
    const [exit, line] = await failure("--host", "192.0.2.1", "--port", "0");
    expect(exit).toBe(1);
    expect(line).toContain("(EADDRNOTAVAIL)");
  });
});

describe("help and version", () => {
  it.each(["--help", "--version"])("%s goes to stdout", async (flag) => {
    const server = new RunningServer([flag]);
    onTestFinished(() => server.kill());
    expect(await server.exited).toBe(0);
    expect(server.lines.length).toBeGreaterThan(0);
    expect(server.stderr).toBe("");
  });
});
