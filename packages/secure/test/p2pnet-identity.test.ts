import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadIdentity } from "../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";

const program = fileURLToPath(new URL("../dist/p2pnet-identity.js", import.meta.url));
const path = temporaryFolder();

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("p2pnet-identity", () => {
  it("makes an identity, shows it, and verifies it", async () => {
    const made = run("new", path("key"));
    const { peerId, fingerprint } = await loadIdentity(path("key"));
    expect(made).toEqual({ status: 0, stdout: `peer id      ${peerId}\nfingerprint  ${fingerprint}\n`, stderr: "" });
    expect(run("show", path("key")).stdout).toBe(made.stdout);
    for (const name of [peerId, fingerprint]) {
      expect(run("verify", path("key"), name)).toMatchObject({ status: 0, stdout: `${path("key")} has it\n` });
    }
    expect(run("verify", path("key"), "abcd-efgh")).toEqual({
      status: 1,
      stdout: `${path("key")}: expected abcd-efgh, got ${peerId}, ${fingerprint}\n`,
      stderr: "",
    });
  });

  it("takes a passphrase from a file", () => {
    writeFileSync(path("passphrase"), "correct horse\n");
    const option = ["--passphrase-file", path("passphrase")];
    const made = run("new", path("key"), ...option);
    expect(readFileSync(path("key"), "utf8")).toContain("ENCRYPTED");
    expect(run("show", path("key"), ...option).stdout).toBe(made.stdout);
    expect(run("show", path("key"))).toMatchObject({
      status: 1,
      stderr: `p2pnet-identity: identity file ${path("key")}: expected a passphrase, as it is encrypted, got none\n`,
    });
  });

  it("replaces a file when it is forced to, and else leaves it as it is", () => {
    run("new", path("key"));
    const before = readFileSync(path("key"), "utf8");
    expect(run("new", path("key"))).toEqual({
      status: 1,
      stdout: "",
      stderr: `p2pnet-identity: identity file ${path("key")}: expected no file there, got one, which was left as it is\n`,
    });
    expect(readFileSync(path("key"), "utf8")).toBe(before);
    expect(run("new", path("key"), "--force").status).toBe(0);
    expect(readFileSync(path("key"), "utf8")).not.toBe(before);
  });

  it("has one clear line for each file that is no good", () => {
    const line = (): string => {
      const { status, stdout, stderr } = run("show", path("key"));
      expect([status, stdout, stderr.split("\n").length]).toEqual([1, "", 2]);
      return stderr;
    };
    expect(line()).toContain("expected a file, got none");
    writeFileSync(path("key"), "nonsense", { mode: 0o600 });
    expect(line()).toContain("expected a private key in PKCS#8 PEM, got something else");
    if (process.platform !== "win32") {
      chmodSync(path("key"), 0o644);
      expect(line()).toContain("expected mode 0600, the owner's alone, got 0644");
    }
    expect(run("new", path("no/key"))).toMatchObject({ status: 1 });
    expect(existsSync(path("no"))).toBe(false);
  });

  it("explains itself, and answers wrong usage with one line and exit code 2", () => {
    expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: p2pnet-identity") });
    expect(run("show")).toEqual({
      status: 2,
      stdout: "",
      stderr: "p2pnet-identity: missing required argument 'file'\n",
    });
  });
});
