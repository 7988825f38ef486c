import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** The tests of the packages that carry bytes reach their code. A line for each package, which has its figures or its failed tests. */
export async function coverage(stage) {
  const { failure, output, stdout } = await run(process.execPath, [join(root, "scripts", "coverage.mjs")], {
    cwd: root,
    limitMs: 15 * 60_000,
  });
  const lines = stdout.trimEnd().split("\n");
  stage.check(`coverage: ${lines.filter((line) => !line.startsWith(" ")).join("; ")}`, failure, output);
}
