import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "./command.mjs";
import { packageFolders, root } from "./suites.mjs";

/**
 * Packs the built packages, as they would be published: pnpm turns `workspace:^` into versions.
 *
 * @param {string} into an existing folder for the tarballs
 * @param {string[]} [apps] apps to pack beside the packages
 * @returns {Promise<Packed[]>} the packages
 * @throws Error with what pnpm says
 *
 * @typedef {object} Packed
 * @property {string} name
 * @property {string} folder the package
 * @property {string} tarball
 * @property {string[]} needs the names of all packages of this repository that it needs, directly or not
 * @property {string[]} optional what it can be used with and does not bring along, as specifiers for npm
 */
export async function packPackages(into, apps = []) {
  const folders = [...packageFolders(), ...apps.map((app) => join(root, "apps", app))];
  const filter = folders.flatMap((folder) => ["--filter", `./${relative(root, folder).replaceAll("\\", "/")}`]);
  const args = ["-y", "pnpm@10.34.9", "-r", ...filter, "pack", "--pack-destination", into];
  const { failure, output } = await run("npx", args, { cwd: root, limitMs: 180_000 });
  if (failure !== null) throw new Error(`${failure}\n${output}`);

  const manifests = packageFolders().map((folder) => ({ folder, ...manifestOf(folder) }));
  return manifests.map(({ name, version, folder, peerDependenciesMeta = {}, devDependencies }) => ({
    name,
    folder,
    tarball: join(into, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`),
    needs: neededBy(name, manifests),
    optional: Object.keys(peerDependenciesMeta).map((peer) => `${peer}@${devDependencies[peer]}`),
  }));
}

/** A package's `package.json`. */
export const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

function neededBy(name, manifests, found = new Set()) {
  const { dependencies = {} } = manifests.find((manifest) => manifest.name === name);
  const own = manifests.map((manifest) => manifest.name).filter((other) => other in dependencies && !found.has(other));
  for (const other of own) neededBy(other, manifests, found.add(other));
  return [...found];
}
