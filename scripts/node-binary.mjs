import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";

/** Where the programs are kept: about 120 MB each, shared by all clones of this repository. */
const cache = join(homedir(), ".cache", "p2pnet", "node");

/**
 * The Node program of a version, from the npm package that carries it for this platform. It is no dependency of the
 * repository: its `.bin/node` would shadow the user's Node in every script.
 *
 * @param {string} version such as "22.23.3"
 * @returns {Promise<{ path: string } | { missing: string }>} `missing` says why it cannot be had
 */
export async function nodeBinary(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cache, `${name}-${version}`);
  const path = join(folder, "package", "bin", "node");
  if (!existsSync(path)) {
    const failure = await unpack(`${name}@${version}`, folder);
    if (failure !== null) return { missing: failure };
  }
  const { stdout, failure } = await run(path, ["--version"]);
  if (stdout.trim() === `v${version}`) return { path };
  return { missing: failure ?? `${path}: expected v${version}, got ${stdout.trim()}` };
}

async function unpack(packageName, folder) {
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "unpack-"));
  try {
    const packed = await run("npm", ["pack", packageName, "--silent", "--pack-destination", fresh], { cwd: fresh });
    if (packed.failure !== null) return packed.failure;
    const tarball = readdirSync(fresh).find((file) => file.endsWith(".tgz"));
    const unpacked = await run("tar", ["-xzf", tarball, "package/bin/node"], { cwd: fresh });
    if (unpacked.failure !== null) return unpacked.failure;
    rmSync(join(fresh, tarball));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return null;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
