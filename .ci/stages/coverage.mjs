import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** The tests of the packages that carry bytes reach their code, but for what is left out by name. */
export async function coverage(stage) {
  const { failure, output, stdout } = await run(process.execPath, [join(root, "scripts", "coverage.mjs")], {
    cwd: root,
    limitMs: 15 * 60_000,
  });
  const lines = stdout.trimEnd().split("\n");
  for (const line of lines) if (line.includes(" left out: ")) stage.leaveOut(`coverage of ${line}`);
  stage.check(
    `coverage: ${lines.filter((line) => / of lines, /.test(line) && !line.startsWith(" ")).join("; ")}`,
    failure,
    output,
  );
}
