import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateIdentity, saveIdentity } from "@p2pnet/secure";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { TestResult } from "../src/result.js";
import { type Outcome, runProgram, startServer } from "./program.js";

let folder: string;
/** Where the program puts what it needs for a while. */
let temporary: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2pnet-secure-test-"));
  temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

function result({ exit, stdout, stderr }: Outcome): TestResult {
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(stdout) as TestResult;
}

async function keyFile(name: string, options: { passphrase?: string } = {}) {
  const identity = generateIdentity();
  const path = join(folder, name);
  await saveIdentity(identity, path, options);
  return { identity, path };
}

describe("an encrypted test", () => {
  it.each(["echo", "chat"])(
    "starts a server that knows its clients, in mode %s, and leaves no key behind",
    async (mode) => {
      const outcome = await runProgram(..."--secure --clients 20 --messages 5 --json --mode".split(" "), mode);
      expect(result(outcome)).toMatchObject({ successRate: 1, failures: [] });
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it("says that it is encrypted", async () => {
    const { exit, stdout } = await runProgram("--secure", "--clients", "2");
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Clients: 2, messages each: 5, backend: \w+, encrypted$/m);
  });

  it("leaves no key behind where the server does not start", async () => {
    const { exit, stderr } = await runProgram("--secure", "--host", "nowhere.invalid");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^concurrent-test: server: .*the host does not resolve \(E\w+\)\n$/);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("an encrypted test against a server that runs already", () => {
  it("has a key of its own, or makes one, and knows the server's", async () => {
    const server = await keyFile("server.pem");
    const client = await keyFile("client.pem", { passphrase: "secret" });
    const list = join(folder, "allowed");
    writeFileSync(list, `${client.identity.peerId}\n`, { mode: 0o600 });
    const port = await startServer("--secure", "--identity", server.path, "--allow", list);
    const args = ["--secure", "--json", "--clients", "3", "--port", port, "--server-key"];

    process.env["P2PNET_PASSPHRASE"] = "secret";
    onTestFinished(() => void delete process.env["P2PNET_PASSPHRASE"]);
    const known = await runProgram(...args, server.identity.peerId, "--identity", client.path);
    expect(result(known)).toMatchObject({ received: 15, successRate: 1 });

    const stranger = await runProgram(...args, "any");
    expect(stranger.exit).toBe(1);
    const { failures, received } = JSON.parse(stranger.stdout) as TestResult;
    expect([received, failures.length]).toEqual([0, 3]);

    const elsewhere = await runProgram(...args, client.identity.peerId, "--identity", client.path);
    expect(elsewhere.exit).toBe(1);
    const codes = (JSON.parse(elsewhere.stdout) as TestResult).failures.map(({ code }) => code);
    expect(codes).toEqual(Array(3).fill("ERR_PEER_REFUSED"));
  });

  it.each([
    ["a key file that is not there", ["--server-key", "any", "--identity", "nowhere.pem"], /expected a file, got none/],
    ["a server's key that is none", ["--server-key", "bob"], /expected one of an Ed25519 key/],
  ])("says in one line that it was given %s", async (_, args, why) => {
    const { exit, stdout, stderr } = await runProgram("--secure", "--port", "9", ...args);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(/^concurrent-test: [^\n]+\n$/);
    expect(stderr).toMatch(why);
  });
});
