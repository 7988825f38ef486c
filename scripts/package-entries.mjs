import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What users import from a package: one entry for each line of its `exports` that has types.
 *
 * @param {string} folder the package
 * @returns {{ name: string, title: string, types: string, source: string }[]} `name` as it is imported, such as
 *   "@p2pnet/framing/node"; `title` for files about it, such as "framing-node"; the paths of its `.d.ts` and of its source
 */
export function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([path, { types }]) => ({
      name: name + path.slice(1),
      title: (name + path.slice(1)).replace("@p2pnet/", "").replaceAll("/", "-"),
      types: join(folder, types),
      source: join(folder, types.replace("dist/", "src/").replace(/\.d\.ts$/, ".ts")),
    }));
}
