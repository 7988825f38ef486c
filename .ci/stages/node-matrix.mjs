import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { otherVersions, runMatrix } from "../../scripts/run-matrix.mjs";
import { root, suites } from "../../scripts/suites.mjs";
import { thisSystem } from "../../scripts/what-ran-where.mjs";

/** Every suite, and the concurrent test against the server, under the Nodes that `npm test` did not use; built once. */
export async function nodeMatrix(stage) {
  const { nodes, runs } = await runMatrix(otherVersions, suites(), (text) => process.stdout.write(text));

  for (const { suite, version, passed, failed, tests, output } of runs) {
    stage.suite(`${suite} under Node ${version}`, { passed, failed }, output);
    stage.ran({ where: `${thisSystem()}, Node ${version}`, package: suite.replace("@p2pnet/", ""), tests });
  }
  const skipped = runs.flatMap(({ suite, skipped }) => skipped.map((test) => `${suite}: ${test}`));
  for (const test of new Set(skipped)) stage.omit(test, skipped.filter((other) => other === test).length);

  for (const { version, path, missing } of nodes) {
    if (missing !== undefined) {
      stage.omit(`Node ${version}: ${missing}`);
      continue;
    }
    const { failure, output } = await run(path, [join(root, "apps/concurrent-test/dist/main.js")], { limitMs: 60_000 });
    stage.check(`server and concurrent test under Node ${version}`, failure ?? notAllEchoed(output), output);
  }
}

/** Null if the table of the concurrent test says 100 %. */
export function notAllEchoed(output) {
  return /\b100(\.0+)? ?%/.test(output) ? null : "expected 100 % in the output of the concurrent test";
}
