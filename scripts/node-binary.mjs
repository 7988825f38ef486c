import { run } from "./command.mjs";
import { npmProgram } from "./npm-program.mjs";

/**
 * The Node program of a version, from the npm package that carries it for this platform: about 120 MB each.
 *
 * @param {string} version such as "22.23.3"
 * @returns {Promise<{ path: string } | { missing: string }>} `missing` says why it cannot be had
 */
export async function nodeBinary(version) {
  if (version === process.versions.node) return { path: process.execPath };
  const name = `node-${process.platform}-${process.arch}`;
  const { path, missing } = await npmProgram({ kind: "node", name, version, file: "bin/node" });
  if (missing !== undefined) return { missing };
  const { stdout, failure } = await run(path, ["--version"]);
  if (stdout.trim() === `v${version}`) return { path };
  return { missing: failure ?? `${path}: expected v${version}, got ${stdout.trim()}` };
}
