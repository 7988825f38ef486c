// Runs the suites of the packages that carry bytes, and fails where they do not reach enough of the code.
//
//   node scripts/coverage.mjs                  all of them, with a table of the files that are not reached whole
//   node scripts/coverage.mjs framing          some of them

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";
import { failuresIn } from "./vitest-suite.mjs";

/** Percent of a package's lines and branches that its tests reach. */
const LEAST = { lines: 95, branches: 90 };

/** kqueue is reached, too: it runs over a scripted system, as WSAPoll and the parked host do over the system's own poll. */
const PACKAGES = ["framing", "event-loop", "connection"];

const words = process.argv.slice(2);
for (const name of PACKAGES) if (words.length === 0 || words.includes(name)) await cover(name);

async function cover(name) {
  const results = mkdtempSync(join(tmpdir(), "p2pnet-coverage-"));
  try {
    const options = {
      enabled: true,
      provider: "v8",
      reporter: "json-summary",
      reportsDirectory: results,
      include: "src/**/*.ts",
    };
    const flags = Object.entries(options).map(([option, value]) => `--coverage.${option}=${value}`);
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const tests = join(results, "tests.json");
    const args = [vitest, "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${tests}`, ...flags];
    const cwd = join(root, "packages", name);
    const env = { ...process.env, P2PNET_TESTS: "all" };
    const runTests = () => run(process.execPath, args, { cwd, env, limitMs: 5 * 60_000 });
    let { failure, output } = await runTests();
    if (failure !== null) {
      // On a machine that others use, too, a test may miss its time: what failed only once is named.
      console.log(`${name}, run again: ${failuresIn(tests, cwd).join("; ") || failure}`);
      ({ failure, output } = await runTests());
    }
    if (failure !== null) {
      console.error(output);
      console.log(`${name}: ${failuresIn(tests, cwd).join("; ") || failure}`);
      process.exitCode = 1;
      return;
    }
    report(name, cwd, JSON.parse(readFileSync(join(results, "coverage-summary.json"), "utf8")));
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function report(name, folder, { total, ...files }) {
  const percentages = (of) =>
    Object.keys(LEAST)
      .map((what) => `${of[what].pct} % of ${what}`)
      .join(", ");
  console.log(`${name}: ${percentages(total)}`);
  for (const [file, of] of Object.entries(files)) {
    const short = Object.entries(LEAST).some(([what, least]) => of[what].total > 0 && of[what].pct < least);
    if (short) console.log(`  ${file.slice(folder.length + 1)}: ${percentages(of)}`);
  }
  for (const [what, least] of Object.entries(LEAST)) {
    if (total[what].pct >= least) continue;
    console.error(`${name}: expected tests that reach ${least} % of ${what}, got ${total[what].pct} %`);
    process.exitCode = 1;
  }
}
