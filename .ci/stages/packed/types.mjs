import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { entriesOf } from "../../../scripts/package-entries.mjs";
import { root } from "../../../scripts/suites.mjs";

/** The two ways in which TypeScript finds a package's types today: as Node does, and as bundlers do. */
const RESOLUTIONS = {
  nodenext: ["--module", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
};

/** Checks the published `.d.ts` files themselves, as `skipLibCheck` would not. */
const STRICT = ["--noEmit", "--strict", "--target", "es2023", "--lib", "es2023,esnext.disposable"];
const NODE_TYPES = ["--types", "node", "--typeRoots", join(root, "node_modules", "@types")];

/** The types of every entry resolve and hold in a project of their own. */
export async function checkTypes(stage, { name, folder }, project) {
  const lines = entriesOf(folder).map((entry, index) => `export * as _${index} from "${entry.name}";`);
  writeFileSync(join(project, "types.ts"), lines.join("\n"));
  const tsc = join(root, "node_modules", "typescript-7", "bin", "tsc");
  for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
    const args = [tsc, ...STRICT, ...NODE_TYPES, ...options, "types.ts"];
    const { failure, output } = await run(process.execPath, args, { cwd: project });
    stage.check(`${name}: types, ${resolution}`, failure, output);
  }
}
