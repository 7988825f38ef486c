import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isAlive, onlyChildOf } from "./processes.js";
import { startProgram } from "./program.js";

/** A test under way that takes for ever: the program, the process id of its server, and a connection to that. */
async function underWay(): Promise<{ program: ChildProcess; serverId: number; guest: Socket }> {
  const program = startProgram("--messages", "1000000", "--delay", "20");
  let port = 0;
  for await (const line of createInterface({ input: program.stdout! })) {
    port ||= Number(/listening on \S+:(\d+) /.exec(line)?.[1] ?? 0);
    if (line.startsWith("Clients:")) break;
  }
  const serverId = onlyChildOf(program.pid!);
  onTestFinished(() => {
    if (isAlive(serverId)) process.kill(serverId, "SIGKILL");
  });
  const guest = connect(port, "127.0.0.1").on("error", () => {});
  await once(guest, "connect");
  return { program, serverId, guest };
}

/** The server ends its guest's connection when it stops; soon after, its process is gone. */
async function serverHasStopped({ serverId, guest }: { serverId: number; guest: Socket }): Promise<void> {
  guest.resume();
  await once(guest, "close");
  await vi.waitFor(() => expect(isAlive(serverId)).toBe(false), { timeout: 5000, interval: 10 });
}

describe("a test that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s says so, stops its server and exits with %i", async (signal, code) => {
    const test = await underWay();
    let stderr = "";
    test.program.stderr!.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = once(test.program, "close");
    test.program.kill(signal);
    await serverHasStopped(test);
    expect((await ended)[0]).toBe(code);
    expect(stderr).toBe("concurrent-test: interrupted\n");
  });

  it("by SIGKILL leaves no server behind either", async () => {
    const test = await underWay();
    test.program.kill("SIGKILL");
    await serverHasStopped(test);
  });

  it("twice, 500 ms apart, does not wait for anything", async () => {
    const test = await underWay();
    process.kill(test.serverId, "SIGSTOP"); // Cannot stop by itself.
    await vi.waitFor(
      () => {
        test.program.kill("SIGINT");
        expect(test.program.exitCode).toBe(130);
      },
      { timeout: 4000, interval: 50 },
    );
    await vi.waitFor(() => expect(isAlive(test.serverId)).toBe(false), { timeout: 2000, interval: 10 });
  });
});
