// Runs the packages' test suites, as they are packed and installed, under Bun and Deno, and framing as in a browser.
//
//   node scripts/test-runtimes.mjs                     everything
//   node scripts/test-runtimes.mjs --runtime Deno      one of Bun, Deno, Node
//   node scripts/test-runtimes.mjs socket/ poll        the test files whose package or name has a word
//   node scripts/test-runtimes.mjs --results out.json  all results into a file
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { layOutTests } from "../test-support/portable/lay-out.mjs";
import { checkInBrowser } from "./browser-check.mjs";
import { buildAll } from "./build-all.mjs";
import { installPacked } from "./packed-install.mjs";
import { describeRun, runPortable } from "./portable-run.mjs";
import { portableSuites } from "./portable-suites.mjs";
import { RunSummary } from "./run-summary.mjs";
import { runtimeDifferences } from "./runtime-differences.mjs";
import { runtimes } from "./runtimes.mjs";
import { thisSystem } from "./what-ran-where.mjs";

const PACKAGES = ["framing", "stream", "sys", "socket", "event-loop", "connection", "metrics"];

const { values, positionals: words } = parseArgs({
  options: { runtime: { type: "string", multiple: true }, results: { type: "string" } },
  allowPositionals: true,
});
const chosen = (await runtimes()).filter(({ name }) => values.runtime?.includes(name) ?? name !== "Node");
const summary = new RunSummary();
const folder = mkdtempSync(join(tmpdir(), "p2pnet-runtimes-"));
try {
  await buildAll();
  await installPacked(folder);
  const main = await layOutTests(folder, PACKAGES);
  // Programs that tests write to the system's folder for temporary files find the packages from there.
  const TMPDIR = join(folder, "tmp");
  mkdirSync(TMPDIR);

  for (const { name, version, command, env, missing } of chosen) {
    console.log(`\n== ${name} ${version}`);
    if (missing !== undefined) {
      summary.omit(`${name} ${version}: ${missing}`);
      continue;
    }
    const { files, omitted } = portableSuites(PACKAGES, runtimeDifferences(name), words);
    const runtime = { command, env: { ...env, TMPDIR } };
    const runs = await runPortable(runtime, folder, main, files, (run) => console.log(describeRun(run)));
    summary.add(`${thisSystem()}, ${name} ${version}`, runs);
    for (const why of omitted) summary.omit(`${name}: ${why}`);
  }

  if (values.runtime === undefined) {
    console.log("\n== framing in a browser");
    await summary.check("@p2pnet/framing bundled for browsers, with nothing of Node's", () => checkInBrowser(folder));
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(summary));
process.exitCode = summary.finish();
