import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { count, unsteadyTests } from "../../scripts/portable-run.mjs";
import { root } from "../../scripts/suites.mjs";

/**
 * Runs a script that runs the suites elsewhere and writes its results as JSON, and takes them into the stage.
 *
 * @param {import("../report.mjs").Stage} stage
 * @param {string} script its name in scripts
 * @param {number} limitMs
 */
export async function portableScript(stage, script, limitMs) {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-results-"));
  try {
    const results = join(folder, "results.json");
    const args = [join(root, "scripts", script), "--results", results];
    const { failure, output } = await run(process.execPath, args, { cwd: root, limitMs });
    const summary = read(results);
    if (summary === null) throw new Error(`${failure ?? `${script}: expected results, got none`}\n${output}`);
    for (const file of summary.runs) take(stage, file);
    for (const file of summary.runs) for (const line of unsteadyTests(file)) console.log(`  ${file.where}: ${line}`);
    for (const where of new Set(summary.runs.map((file) => file.where))) {
      const { passed, failed, skipped } = count(summary.runs.filter((file) => file.where === where));
      if (where !== "") console.log(`  ${where}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    }
    for (const reason of summary.omitted) stage.leaveOut(reason);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function take(stage, { where, package: name, file, tests }) {
  const of = (wanted) => tests.filter(({ state }) => state === wanted);
  const title = [where, name && `${name}/${file}`].filter(Boolean).join(": ");
  const log = of("failed").map((test) => `${test.name.join(" > ")}\n${test.errors.join("\n")}`);
  stage.suite(
    title || tests[0].name[0],
    { passed: of("passed").length, failed: of("failed").length },
    log.join("\n\n"),
  );
  stage.skipped += of("skipped").length;
  if (where !== "") stage.ran({ where, package: name, tests });
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null; // The script ended before it could write.
  }
}
