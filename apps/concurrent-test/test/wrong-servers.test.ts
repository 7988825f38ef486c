import { availableBackends, BACKEND_NAMES } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import type { TestResult } from "../src/result.js";
import { runProgram } from "./program.js";
import { type Answer, echo, freePort, startAnswering } from "./wrong-server.js";

const wrong: Record<string, [code: RegExp, Answer]> = {
  "closes early": [
    /^ERR_ECHO_MISSING$/,
    (socket, frame, count) => void (count < 3 ? socket.write(frame) : socket.end()),
  ],
  resets: [/^ECONNRESET$/, (socket) => socket.resetAndDestroy()],
  "answers with other bytes": [
    /^ERR_ECHO_MISMATCH$/,
    (socket, frame) => {
      const other = Buffer.from(frame);
      other[other.length - 1]! ^= 1;
      socket.write(other);
    },
  ],
  "answers with fewer bytes": [/^ERR_ECHO_MISMATCH$/, (socket) => void socket.write(Buffer.of(0, 0, 0, 1, 77))],
  "answers twice": [/^ERR_ECHO_UNEXPECTED$/, (socket, frame) => void socket.write(Buffer.concat([frame, frame]))],
  "never answers": [/^ERR_ECHO_TIMEOUT$/, () => {}],
  "stops answering": [
    /^ERR_ECHO_TIMEOUT$/,
    (socket, frame, count) => {
      if (count < 4) socket.write(frame);
    },
  ],
  "ends inside a frame": [/^ERR_FRAME_TRUNCATED$/, (socket, frame) => void socket.end(frame.subarray(0, 9))],
  "speaks another protocol": [
    /^ERR_FRAME_TOO_LARGE$/,
    (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
  ],
};

describe("a server that", () => {
  it.each(Object.entries(wrong))(
    "%s ends the test with a clear line for each client, and exit 1",
    async (_, [code, answer]) => {
      const port = await startAnswering(answer);
      const args = ["--port", `${port}`, "--clients", "2", "--timeout", "300"];
      const { exit, stdout, stderr } = await runProgram(...args, "--json");
      expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
      const result = JSON.parse(stdout) as TestResult;
      expect(result.successRate).toBeLessThan(1);
      expect(result.failures).toEqual([
        { client: 1, code: expect.stringMatching(code), message: expect.stringMatching(/^.+$/) },
        { client: 2, code: expect.stringMatching(code), message: expect.stringMatching(/^.+$/) },
      ]);
    },
  );

  it("answers twice in the very end is found out, too, and one line tells each client's failure", async () => {
    const port = await startAnswering((socket, frame) => void socket.write(Buffer.concat([frame, frame])));
    const { exit, stdout, stderr } = await runProgram(
      ..."--clients 2 --messages 1 --text same --quiet --port".split(" "),
      `${port}`,
    );
    expect(exit).toBe(1);
    expect(stdout).toMatch(/Success rate +│ +0\.00 % │/);
    expect(stderr.trimEnd().split("\n")).toEqual([
      "[FAIL] Client 1: expected no echo without a message, got one of 4 bytes (ERR_ECHO_UNEXPECTED)",
      "[FAIL] Client 2: expected no echo without a message, got one of 4 bytes (ERR_ECHO_UNEXPECTED)",
    ]);
  });

  it("fails one client leaves the others to finish", async () => {
    let frames = 0;
    const port = await startAnswering((socket, frame, count) => {
      if (++frames === 7) socket.resetAndDestroy();
      else echo(socket, frame, count);
    });
    const { exit, stdout } = await runProgram("--port", `${port}`, "--json");
    expect(exit).toBe(1);
    const { failures, received } = JSON.parse(stdout) as TestResult;
    expect(failures).toHaveLength(1);
    expect(received).toBeGreaterThanOrEqual(45);
    expect(received).toBeLessThan(50);
  });

  it("echoes rightly passes, whoever wrote it", async () => {
    const port = await startAnswering(echo);
    expect(await runProgram("--port", `${port}`, "--quiet")).toMatchObject({ exit: 0, stderr: "" });
  });
});

describe("a server that cannot be reached", () => {
  it("is named with the clients and the reason", async () => {
    const port = await freePort();
    const { exit, stdout, stderr } = await runProgram("--clients", "2", "--port", `${port}`);
    expect(exit).toBe(1);
    expect(stdout).not.toContain("┌");
    expect(stderr.trimEnd().split("\n")).toEqual([
      `[FAIL] Client 1: connect ECONNREFUSED 127.0.0.1:${port}`,
      `[FAIL] Client 2: connect ECONNREFUSED 127.0.0.1:${port}`,
      "[FAIL] No message was sent: 2 of 2 clients could not connect",
    ]);
  });

  it("is one JSON object with --json", async () => {
    const { exit, stdout, stderr } = await runProgram(
      "--clients",
      "1",
      "--host",
      "nowhere.invalid",
      "--port",
      "9",
      "--json",
    );
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      sent: 0,
      successRate: 0,
      interleaved: null,
      failures: [{ client: 1, code: "ERR_HOST_UNRESOLVED", message: expect.stringContaining("nowhere.invalid") }],
    });
  });
});

describe("usage errors", () => {
  it.each([["--frobnicate"], ["--backend", "telepathy"], ["--port", "70000"]])(
    "%s %s: one line, exit 2",
    async (...args) => {
      const { exit, stdout, stderr } = await runProgram(...args);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
      expect(stderr).toMatch(/^concurrent-test: [^\n]+\n$/);
    },
  );

  it("a backend that does not run here: the loop's reason in one line, exit 1", async () => {
    const lacking = BACKEND_NAMES.find((name) => !availableBackends().includes(name))!;
    const { exit, stdout, stderr } = await runProgram("--backend", lacking);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^concurrent-test: backend: [^\\n]+, got "${lacking}"[^\\n]* \\(ERR_BACKEND_UNAVAILABLE\\)\\n$`),
    );
  });
});
