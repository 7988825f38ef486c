import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** Few and short runs: half a minute in all, which is enough to see a server become twice as slow. */
const SHORT = ["--rounds", "3", "--seconds", "0.3", "--warmup", "0.2"];

/** What an echo costs, as ratios to C, beside those that were recorded. Only shown: a machine that does other work, too, proves nothing. */
export async function benchGuard(stage) {
  const program = join(root, "apps", "bench", "dist", "main.js");
  const args = [program, "check", "--warn", ...SHORT];
  const { failure, stdout, output } = await run(process.execPath, args, { cwd: root, limitMs: 180_000 });
  if (/\(ERR_NO_COMPILER\)/.test(output)) {
    stage.leaveOut("bench:check: no C compiler, whose server all others are compared with");
    return;
  }
  if (failure === null) console.log(stdout.trimEnd().replaceAll(/^/gm, "  "));
  stage.check("bench:check --warn, in short", failure, output);
}
