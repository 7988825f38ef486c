import { describe, expect, onTestFinished, test, vi } from "vitest";
import { asyncServer, type Peer } from "../src/peers.js";
import { tryPeers } from "../src/run-cases.js";

/** A server in JavaScript. */
function peer(name: string, program: string): Peer {
  const echo = { command: process.execPath, args: ["-e", program] };
  return { name, modes: { echo }, ready: /^listening (\d+)$/, connectionsAtOnce: 1 };
}

const good = peer("good", "console.log('listening 1'); setInterval(() => {}, 1000)");

describe("a server that does not take part", () => {
  function complaints(): string[] {
    const lines: string[] = [];
    const error = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    onTestFinished(() => error.mockRestore());
    return lines;
  }

  test("is skipped by name when it is not installed", async () => {
    const lines = complaints();
    const absent = { ...peer("absent", ""), missing: "no Go here" };
    const { ready, skipped } = await tryPeers([absent, good]);
    expect(ready).toEqual([good]);
    expect(skipped).toEqual([{ name: "absent", reason: "no Go here" }]);
    expect(lines).toEqual(["bench: skipped absent: no Go here"]);
  });

  test("is skipped with the loop's reason when this system lacks its backend", async () => {
    complaints();
    const lacking = process.platform === "win32" ? "epoll" : "kqueue";
    const { ready, skipped } = await tryPeers([asyncServer("lacking", lacking), good]);
    expect(ready).toEqual([good]);
    expect(skipped).toEqual([
      {
        name: "lacking",
        reason: expect.stringMatching(new RegExp(`got "${lacking}".*\\(ERR_BACKEND_UNAVAILABLE\\)$`)),
      },
    ]);
  });

  test.each([
    ["complains", "console.error('out of luck'); process.exit(1)", "broken: out of luck"],
    ["only ends", "process.exit(3)", "broken: ended with exit code 3"],
  ])("fails the run when it is there and %s", async (_, program, message) => {
    await expect(tryPeers([good, peer("broken", program)])).rejects.toMatchObject({ code: "ERR_SERVER", message });
  });
});
