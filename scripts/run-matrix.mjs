import { nodeBinary } from "./node-binary.mjs";
import { runVitestTwice } from "./vitest-suite.mjs";

/** The newest of each line that is supported. */
export const versions = ["20.20.2", "22.23.3", "24.21.0", "26.10.0"];

/** Those of other lines than the Node that runs this: what it has run itself need not run again. */
export const otherVersions = versions.filter((version) => !process.version.startsWith(`v${version.split(".")[0]}.`));

/**
 * Runs each suite under each Node, one after the other, and writes a table with a row for each suite as it goes.
 *
 * @param {string[]} versions
 * @param {{ name: string, folder: string }[]} suites
 * @param {(text: string) => void} write
 * @returns {Promise<{ nodes: Node[], runs: Run[] }>}
 *
 * @typedef {{ version: string, path?: string, missing?: string }} Node `missing` says why there is no `path`
 * @typedef {{ suite: string, version: string, passed: number, failed: number, skipped: string[], unsteady: string[], output: string }} Run
 *   `unsteady` are tests that passed only when their suite ran again
 */
export async function runMatrix(versions, suites, write) {
  const nodes = [];
  for (const version of versions) nodes.push({ version, ...(await nodeBinary(version)) });

  const width = Math.max(...suites.map(({ name }) => name.length));
  write(`${"".padEnd(width)}  ${versions.map((version) => cell(`Node ${version}`)).join("")}\n`);

  const runs = [];
  for (const { name, folder } of suites) {
    write(`${name.padEnd(width)}  `);
    for (const { version, path } of nodes) {
      if (path === undefined) {
        write(cell("skipped"));
        continue;
      }
      const counts = await runVitestTwice(path, version, folder);
      runs.push({ suite: name, version, ...counts });
      write(cell(summary(counts)));
    }
    write("\n");
  }
  for (const { suite, version, unsteady } of runs) {
    for (const test of unsteady) write(`unsteady under Node ${version}, passed when run again: ${suite}: ${test}\n`);
  }
  for (const { version, missing } of nodes) if (missing !== undefined) write(`Node ${version} skipped: ${missing}\n`);
  return { nodes, runs };
}

const cell = (text) => text.padEnd(24);

/** Such as "12 passed, 1 failed". */
function summary({ passed, failed, skipped }) {
  const counts = [
    [passed, "passed"],
    [failed, "failed"],
    [skipped.length, "skipped"],
  ].filter(([count]) => count > 0);
  return counts.length === 0 ? "no tests" : counts.map(([count, word]) => `${count} ${word}`).join(", ");
}
