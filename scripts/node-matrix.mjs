// Runs the vitest suites of the built packages under each supported Node and prints a table. Build first.
//
//   node scripts/node-matrix.mjs                  all versions, all suites
//   node scripts/node-matrix.mjs --node 26        one version
//   node scripts/node-matrix.mjs framing sys      the suites whose names contain a word
import { parseArgs } from "node:util";
import { runMatrix, versions } from "./run-matrix.mjs";
import { suites } from "./suites.mjs";

const { values, positionals } = parseArgs({
  options: { node: { type: "string", multiple: true } },
  allowPositionals: true,
});
const major = (version) => version.split(".")[0];
const chosenVersions = versions.filter((version) => values.node?.includes(major(version)) ?? true);
const chosenSuites = suites().filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
if (chosenVersions.length === 0 || chosenSuites.length === 0) {
  console.error(`expected --node with one of ${versions.map(major).join(", ")}, and words from the names of suites`);
  process.exit(2);
}

const { runs } = await runMatrix(chosenVersions, chosenSuites, (text) => process.stdout.write(text));
const failures = runs.filter(({ failed }) => failed > 0);
for (const { suite, version, output } of failures) console.error(`\n--- ${suite} under Node ${version}\n${output}`);
process.exitCode = failures.length === 0 ? 0 : 1;
