import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What users import from a package: one entry for each line of its `exports` that has types.
 *
 * @param {string} folder the package
 * @returns {{ name: string, types: string }[]} `name` as it is imported, such as "@p2pnet/framing/node"; `types` the path of its
 *   `.d.ts`
 */
export function entriesOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([path, { types }]) => ({ name: name + path.slice(1), types: join(folder, types) }));
}
