import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Program } from "./program.js";

const VERSION = "1.4.5";
const NAMES: Record<string, string> = { x64: "bun-linux-x64", arm64: "bun-linux-aarch64" };

const run = promisify(execFile);

/** Kept for all clones of this repository; a dependency would be 90 MB for everybody who installs it. */
const bunCache: string = join(homedir(), ".cache", "p2pnet", "bun");

/** Bun, from the npm package that carries it for this platform: fetched once, then found. */
export async function findBun(cache: string = bunCache, arch: string = process.arch): Promise<Program> {
  const name = NAMES[arch];
  if (name === undefined) return { missing: `Bun: expected processor x64 or arm64, got ${arch}` };
  const folder = join(cache, `${name}-${VERSION}`);
  const path = join(folder, "package", "bin", "bun");
  try {
    if (!existsSync(path)) await fetchPackage(`@oven/${name}@${VERSION}`, cache, folder);
    await run(path, ["--version"]);
    return { path };
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split("\n")[0] : String(error);
    return { missing: `Bun ${VERSION} is neither in ${cache} nor to be had from npm: ${reason}` };
  }
}

async function fetchPackage(name: string, cache: string, folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "unpack-"));
  try {
    await run("npm", ["pack", name, "--silent", "--pack-destination", fresh], { cwd: fresh, timeout: 120_000 });
    const tarball = readdirSync(fresh).find((file) => file.endsWith(".tgz"));
    await run("tar", ["-xzf", String(tarball), "package/bin/bun"], { cwd: fresh });
    rmSync(join(fresh, String(tarball)));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
