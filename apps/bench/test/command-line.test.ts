import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { appRoot } from "../src/app-root.js";

/** Runs of servers and clients take their time: CI has them, in the Node matrix. */
const isWhole = process.env["P2PNET_TESTS"] === "all";

const program = join(appRoot, "dist", "main.js");
const canMeasure = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env: { ...process.env, ...env } });
}

/** Ended, or waiting for its parent to notice: then the third field of its stat file says Z. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

describe("the command line", () => {
  test.each([
    [["--nope"], "bench: unknown option '--nope'\n"],
    [["table", "--nope"], "bench: unknown option '--nope'\n"],
    [["--rounds", "0"], /^bench: option '--rounds <count>' argument '0' is invalid\. Expected a whole number .*\n$/],
    [["--seconds", "1h"], /^bench: option '--seconds <s>' argument '1h' is invalid\. Expected seconds .*\n$/],
    [["--case", "nope"], /^bench: .* Allowed choices are echo, .*\n$/],
    [["--peer", "nope"], /^bench: .* Allowed choices are c-epoll, .*\n$/],
    [["check", "--margin"], "bench: unknown option '--margin'\n"],
    [["nope"], /^bench: too many arguments.*\n$/],
  ])("%j is one line on stderr and exit code 2", (args, message) => {
    const { status, stderr, stdout } = bench(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test.runIf(process.platform === "linux")("a check without a compiler: one line and exit code 1 (needs Linux)", () => {
    const { status, stderr, stdout } = bench(["check"], { CC: "no-such-compiler" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^bench: no C compiler: .*ERR_NO_COMPILER\)\n$/);
  });
});

test.runIf(process.platform === "linux")("spread prints how many clients each worker serves (needs Linux)", () => {
  const { status, stdout, stderr } = bench(["spread", "--clients", "200", "--echoes", "2"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const rows = stdout.split("\n").filter((line) => /reusePort|handles/.test(line));
  const served = rows.map((row) => (/(\d+(?: \+ \d+)+)/.exec(row)?.[1] ?? "").split(" + ").map(Number));
  expect(served.map((counts) => counts.length)).toEqual([2, 4, 2, 4]);
  for (const counts of served) expect(counts.reduce((sum, count) => sum + count)).toBe(200);
  expect(served.slice(2)).toEqual([
    [100, 100],
    [50, 50, 50, 50],
  ]);
});

describe.skipIf(!canMeasure || !isWhole)("a run (needs Linux, cc and P2PNET_TESTS=all)", () => {
  const short = ["--case", "echo-10", "--peer", "node-net", "--rounds", "2", "--seconds", "0.1", "--warmup", "0"];

  test("prints one JSON object with every round and the ratios", () => {
    const { status, stdout } = bench([...short, "--json"]);
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ baseline: "c-epoll", rounds: 2, cases: [{ benchCase: { name: "echo-10" } }] });
    const [c, node] = report.cases[0].peers;
    expect([c.name, node.name]).toEqual(["c-epoll", "node-net"]);
    expect(c.ratios.cpuMicros).toEqual({ lower: 1, median: 1, upper: 1 });
    expect(node.rounds).toHaveLength(2);
    expect(node.ratios.cpuMicros.median).toBeGreaterThan(0);
  });

  test("without a compiler has our own load, and names C as skipped", () => {
    const { status, stdout, stderr } = bench(short, { CC: "no-such-compiler" });
    expect(status).toBe(0);
    expect(stdout).toContain("load generator: p2pnet");
    expect(stdout).toContain('skipped: c-epoll (no C compiler: "no-such-compiler" does not run');
    expect(stderr).toContain("bench: skipped c-epoll");
  });

  test("writes its figures into a file and its charts into a folder", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "figures.json");
    const { status, stdout } = bench([...short, "--json", file, "--plot", join(folder, "charts")]);
    expect(status).toBe(0);
    expect(stdout).toContain("as a ratio to c-epoll");
    expect(JSON.parse(readFileSync(file, "utf8")).cases).toHaveLength(1);
    expect(readdirSync(join(folder, "charts"))).toEqual(["cpu.svg", "latency.svg", "throughput.svg"]);
  });

  test("that is interrupted leaves no child behind", async () => {
    const run = spawn(process.execPath, [program, ...short, "--seconds", "60"]);
    const children = await vi.waitFor(
      () => {
        const pids = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, "utf8").trim().split(" ").map(Number);
        expect(pids).toHaveLength(2); // the server and its load
        return pids;
      },
      { timeout: 8000, interval: 5 },
    );
    run.kill("SIGINT");
    const [code] = await once(run, "close");
    expect(code).toBe(130);
    await vi.waitFor(() => expect(children.every(isGone)).toBe(true), { timeout: 5000, interval: 5 });
  });
});
