// Runs the suites of the packages that carry bytes, and fails where they do not reach enough of the code.
//
//   node scripts/coverage.mjs                  all of them, with a table of the files that are not reached whole
//   node scripts/coverage.mjs framing          some of them

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

/** Percent of a package's lines and branches that its tests reach. */
const LEAST = { lines: 95, branches: 90 };

const IN_WORKERS = "the tests run it as users do, from dist in threads of its own, where nobody counts lines";

/**
 * The packages, and the files of them whose lines cannot be counted on Linux under Node, by name with the reason. kqueue is not
 * among them: it runs over a scripted system, as WSAPoll and the parked host do over the system's own poll.
 *
 * @type {Record<string, Record<string, string>>}
 */
const PACKAGES = {
  framing: {},
  "event-loop": {},
  connection: {
    "src/workers/worker-context.ts": IN_WORKERS,
    "src/workers/worker-broadcasts.ts": IN_WORKERS,
  },
};

const words = process.argv.slice(2);
for (const [name, leftOut] of Object.entries(PACKAGES)) {
  if (words.length > 0 && !words.includes(name)) continue;
  for (const [file, why] of Object.entries(leftOut)) console.log(`${name}/${file} left out: ${why}`);
  await cover(name, Object.keys(leftOut));
}

async function cover(name, leftOut) {
  const results = mkdtempSync(join(tmpdir(), "p2pnet-coverage-"));
  try {
    const options = {
      enabled: true,
      provider: "v8",
      reporter: "json-summary",
      reportsDirectory: results,
      include: "src/**/*.ts",
      exclude: leftOut,
    };
    const flags = Object.entries(options).flatMap(([option, value]) =>
      [value].flat().map((one) => `--coverage.${option}=${one}`),
    );
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = [vitest, "run", "--reporter=dot", ...flags];
    const cwd = join(root, "packages", name);
    const { failure, output } = await run(process.execPath, args, { cwd, limitMs: 5 * 60_000 });
    if (failure !== null) {
      console.error(`${output}\n${failure}`);
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
