import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** A whole release, to a registry on the loopback. The one in public is made by its workflow, which only runs there. */
export async function release(stage) {
  const script = join(root, "scripts", "release-dry.mjs");
  const { failure, output, stdout } = await run(process.execPath, [script], { cwd: root, limitMs: 10 * 60_000 });
  if (failure === null) console.log(stdout.trimEnd().replaceAll(/^/gm, "  "));
  stage.check("versions, tarballs, a registry, an install and the README's example", failure, output);
  stage.leaveOut("release to the public registry, with provenance: .github/workflows/release.yml, not run here");
}
