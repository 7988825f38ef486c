import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { CASES } from "../src/cases/index.js";
import { appRoot } from "../src/child.js";

const linux = process.platform === "linux";

function run(program: "main" | "soak/main", ...args: readonly string[]) {
  return spawnSync(process.execPath, [join(appRoot, "dist", `${program}.js`), ...args], { encoding: "utf8" });
}

describe("the command line", () => {
  test.each([
    ["main", ["--nope"], "abuse: unknown option '--nope'\n"],
    ["main", ["--case", "nope"], /^abuse: .*'nope' is invalid\. Allowed choices are every-cut-point-fin, .*\n$/],
    ["main", ["--json", "--markdown"], /^abuse: option '--json' cannot be used with option '--markdown'\n$/],
    ["main", ["nope"], /^abuse: too many arguments.*\n$/],
    ["soak/main", ["--minutes", "0"], /^soak: .*'0' is invalid\. Expected a number from 0\.1 to 10000\.\n$/],
    ["soak/main", ["--connections", "many"], /^soak: .*'many' is invalid\. Expected a number .*\n$/],
  ] as const)("%s %j is one line on stderr and exit code 2", (program, args, message) => {
    const { status, stdout, stderr } = run(program, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("--list says what each case does, and runs none", () => {
    const { status, stdout } = run("main", "--list");
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(":")[0]),
    ).toEqual(CASES.map(({ name }) => name));
  });

  test("case names are unique", () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });
});

describe.skipIf(!linux)("a run (needs Linux)", () => {
  test("judges a real case, and counts at the end", () => {
    const { status, stdout, stderr } = run("main", "--quick", "--case", "garbage-bytes");
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^ok +garbage-bytes: .* s\n$/) });
    expect(stdout).toMatch(/ended with ERR_FRAME_TOO_LARGE +│ 120 +│ 120 +│ –/);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 passed, 0 failed, 0 skipped");
  });

  test("as JSON gives each figure with its bound and that of node:net", () => {
    const { status, stdout } = run("main", "--quick", "--json", "--case", "rst-connecting");
    expect(status).toBe(0);
    const [verdict] = JSON.parse(stdout).cases;
    expect(verdict).toMatchObject({ name: "rst-connecting", passed: true, failure: null });
    const kept = verdict.rows.find((row: { what: string }) => row.what === "descriptors that are left");
    expect(kept).toMatchObject({ bound: "0", measured: "0", holds: true, other: { measured: "0", holds: true } });
  });

  test("that is killed leaves no child behind", async () => {
    const args = [join(appRoot, "dist", "main.js"), "--quick", "--case", "half-open-peers"];
    const abuse = spawn(process.execPath, args, { stdio: "ignore" });
    const children = await vi.waitFor(
      () => {
        const pids = readFileSync(`/proc/${abuse.pid}/task/${abuse.pid}/children`, "utf8").trim().split(" ");
        expect(pids).toHaveLength(3); // the calm server, the one that is abused, and the ping
        return pids;
      },
      { timeout: 10_000, interval: 5 },
    );
    abuse.kill("SIGKILL");
    await once(abuse, "close");
    await vi.waitFor(() => expect(children.filter((pid) => existsSync(`/proc/${pid}/fd/0`))).toEqual([]), {
      timeout: 5_000,
      interval: 5,
    });
  });
});
