import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { availableBackends, BACKEND_NAMES } from "@p2pnet/event-loop";
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
    [["--backend", "telepathy"], `Allowed choices are ${["auto", ...BACKEND_NAMES].join(", ")}.`],
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

  const lacking = BACKEND_NAMES.filter((name) => !availableBackends().includes(name));

  it.each([...lacking.map((name) => [name]), ...lacking.map((name) => [name, "--workers", "2"])])(
    "a backend that does not run here is told as the loop tells it: %j %j %j",
    async (...args) => {
      const [exit, line] = await failure("--port", "0", "--backend", ...args);
      expect(exit).toBe(1);
      const choices = ["auto", ...availableBackends()].join(", ");
      expect(line).toContain(`async-server: backend: expected one of ${choices}, got "${args[0]}"`);
      expect(line).toMatch(/\(ERR_BACKEND_UNAVAILABLE\)$/);
    },
  );

  it.skipIf(process.platform !== "linux").each([
    ["EPERM", "the system forbids it (EPERM)"],
    ["ENOSYS", "the kernel has no io_uring (ENOSYS)"],
  ])("io_uring that the system answers with %s is told with the reason; needs Linux", (code, reason) => {
    const { status, stdout, stderr } = startRefused(code, "--port", "0", "--backend", "io_uring");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`got "io_uring": ${reason}`);
    expect(stderr).toMatch(/^async-server: [^\n]+ \(ERR_BACKEND_UNAVAILABLE\)\n$/);
  });

  it("an address of another machine is refused", async () => {
    const [exit, line] = await failure("--host", "192.0.2.1", "--port", "0");
    expect(exit).toBe(1);
    expect(line).toContain("(EADDRNOTAVAIL)");
  });
});

/** The server where io_uring_setup(2) fails with that error. */
function startRefused(code: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const sys = new URL("../../../packages/sys/dist/index.js", import.meta.url);
  const refusing = `
    import { replaceSystem, system } from ${JSON.stringify(sys.href)};
    const real = system();
    replaceSystem({ ...real, ioUring: { ...real.ioUring, setup: () => -real.constants.${code} } });
  `;
  const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const hook = `data:text/javascript,${encodeURIComponent(refusing)}`;
  return spawnSync(process.execPath, ["--import", hook, program, ...args], { encoding: "utf8", timeout: 20_000 });
}

describe("help and version", () => {
  it.each(["--help", "--version"])("%s goes to stdout", async (flag) => {
    const server = new RunningServer([flag]);
    onTestFinished(() => server.kill());
    expect(await server.exited).toBe(0);
    expect(server.lines.length).toBeGreaterThan(0);
    expect(server.stderr).toBe("");
  });
});
