import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestEvent } from "../portable/events.js";

const fixtures = fileURLToPath(new URL("fixtures/portable", import.meta.url));
const layOut = new URL("../portable/lay-out.mjs", import.meta.url).href;
const VITEST = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

/** A test's titles, and how it ended. */
type Outcome = [name: string, state: string];

describe("the portable runner", () => {
  let folder: string;
  let main: string;
  let runs = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "p2pnet-portable-"));
    const script = `console.log(await (await import("${layOut}")).layOutTests(process.argv[1], []))`;
    main = run(["--input-type=module", "--eval", script, folder]).stdout.trim();
    cpSync(fixtures, folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(args: string[], cwd = folder): { stdout: string; stderr: string; status: number | null } {
    return spawnSync(process.execPath, args, { cwd, encoding: "utf8", timeout: 25_000 });
  }

  function eventsOf(file: string, leftOut: string[] = []): TestEvent[] {
    const events = `${++runs}.events`;
    run([main, file, events, "5000", ...leftOut]);
    const lines = readFileSync(join(folder, events), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  function outcomes(events: TestEvent[]): Outcome[] {
    return events.flatMap((event) => (event.type === "test" ? [[event.name.join(" "), event.state] as Outcome] : []));
  }

  function errors(events: TestEvent[]): string[] {
    return events.flatMap((event) => (event.type === "error" ? event.errors : []));
  }

  test("finds every outcome that vitest finds", () => {
    const results = join(folder, "vitest.json");
    run([VITEST, "run", "--reporter=json", `--outputFile=${results}`], fixtures);
    const { testResults } = JSON.parse(readFileSync(results, "utf8"));
    const expected = testResults[0].assertionResults.map(
      ({ fullName, status }: { fullName: string; status: string }): Outcome => [
        fullName,
        status === "pending" ? "skipped" : status,
      ],
    );
    const events = eventsOf("every-outcome.js");
    expect(expected.length).toBeGreaterThan(20);
    expect(outcomes(events).toSorted()).toEqual(expected.toSorted());
    expect(errors(events)).toEqual([expect.stringContaining("thrown by beforeAll")]);
  });

  test("tells why a test failed, every soft failure of it, and where", () => {
    const told = eventsOf("every-outcome.js").flatMap((event) => (event.type === "test" ? event.errors : []));
    const of = (part: string): string[] => told.filter((error) => error.includes(part));
    expect(of("thrown by a test")).toEqual([expect.stringContaining("every-outcome.js:")]);
    expect(of("expected 1 to be 2")).toHaveLength(1);
    expect(of("expected 3 to be 4")).toHaveLength(1);
    expect(of("timed out in 20ms")).toHaveLength(1);
    expect(of("thrown when finished")).toHaveLength(1);
  });

  test("takes what nobody caught as failures", () => {
    const events = eventsOf("uncaught.js");
    expect(outcomes(events).map(([, state]) => state)).toEqual(["passed", "passed"]);
    expect(errors(events).toSorted()).toEqual([
      expect.stringContaining("nobody caught this"),
      expect.stringContaining("nobody handled this"),
    ]);
  });

  test("has told what passed before a crash, what was running, and no end", () => {
    const events = eventsOf("crash.js");
    expect(outcomes(events)).toEqual([["passes before", "passed"]]);
    expect(events.at(-1)).toEqual({ type: "start", name: ["crashes"] });
  });

  test("leaves out tests by their names", () => {
    const events = eventsOf("every-outcome.js", ["^failures|a hook that fails"]);
    expect(events.filter((event) => event.type === "test" && event.state === "failed")).toEqual([]);
    expect(outcomes(events)).toContainEqual(["failures thrown", "skipped"]);
    expect(existsSync(join(folder, "node_modules/vitest"))).toBe(true);
  });
});
