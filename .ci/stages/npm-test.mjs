import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { run } from "../../scripts/command.mjs";
import { suites } from "../../scripts/suites.mjs";
import { testsIn } from "../../scripts/vitest-suite.mjs";
import { thisSystem } from "../../scripts/what-ran-where.mjs";

/** vitest's summary in turbo's output, such as "@p2pnet/framing:test:   Tests  1 failed | 40 passed | 2 skipped (43)". */
const SUMMARY = /^(?<task>\S+:test:) +Tests +(?<counts>\d.*)$/;

/** The README's command: build, types, lint and the tests of every suite under this Node. */
export async function npmTest(stage) {
  // Where turbo sees GitHub Actions it leaves out the task's name before each line.
  const { GITHUB_ACTIONS, ...env } = process.env;
  const results = mkdtempSync(join(tmpdir(), "p2pnet-results-"));
  env.P2PNET_TEST_RESULTS = results;
  const test = () => run("npm", ["test"], { env, limitMs: 600_000 });
  let { failure, output } = await test();
  if (failure !== null) {
    // On a machine that others use, too, a test may miss its time. It gets a second chance, and is named.
    for (const line of failedTests(output)) console.log(`  unsteady, runs again: ${line}`);
    ({ failure, output } = await test());
  }
  for (const file of readdirSync(results)) {
    const where = `${thisSystem()}, Node ${process.versions.node}`;
    stage.ran({ where, package: basename(file, ".json"), tests: testsIn(join(results, file)) });
  }
  rmSync(results, { recursive: true });
  const lines = stripVTControlCharacters(output).split("\n");

  const ran = lines.flatMap((line) => line.match(SUMMARY)?.groups ?? []);
  for (const { task, counts } of ran) {
    const count = (word) => Number(counts.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
    const suite = task.replace(/:test:$/, "");
    console.log(`  ${suite}: ${counts}`);
    const log = lines.filter((line) => line.startsWith(task)).join("\n");
    stage.suite(suite, { passed: count("passed"), failed: count("failed") }, log);
    const skipped = count("skipped") + count("todo");
    if (skipped > 0) stage.omit(`${suite}: ${skipped} tests, named in the Node matrix`, skipped);
  }

  const expected = suites().filter(({ hasTests }) => hasTests).length;
  const missing = ran.length === expected ? null : `expected the tests of ${expected} suites, got ${ran.length}`;
  stage.check("npm test", failure ?? missing, failedTasks(lines));

  // turbo stops at the first failure, perhaps before everything was built: let the later stages have what can be had.
  if (failure !== null) await run("npx", ["-y", "pnpm@10.34.9", "exec", "turbo", "run", "build", "--continue"]);
}

/** The names of tests in vitest's report, and all that is known of a task that failed otherwise. */
function failedTests(output) {
  const lines = stripVTControlCharacters(output).split("\n");
  const names = lines.flatMap((line) => line.match(/^(\S+: +FAIL .*)$/)?.[1] ?? []);
  return names.length > 0 ? names : lines.filter((line) => line.startsWith("Failed:"));
}

/** What the tasks printed that turbo says have failed; everything if it does not say. */
function failedTasks(lines) {
  const names = lines.flatMap((line) => line.match(/^Failed: +(.*)$/)?.[1].split(", ") ?? []);
  const prefixes = names.map((name) => `${name.replace("#", ":")}:`);
  const printed = lines.filter((line) => prefixes.some((prefix) => line.startsWith(prefix)));
  return (printed.length === 0 ? lines : printed).join("\n");
}
