import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

/**
 * Packs the built packages and installs the tarballs with npm in a plain folder, as users have them.
 *
 * @param {string} folder is made if it is not there
 * @param {{ options?: string[], apps?: string[] }} [more] options of npm install, such as the platform that it shall install
 *   for, and apps to install beside the packages
 */
export async function installPacked(folder, { options = [], apps = [] } = {}) {
  mkdirSync(folder, { recursive: true });
  const packed = mkdtempSync(join(folder, "packed-"));
  const filter = ["packages/*", ...apps.map((app) => `apps/${app}`)].flatMap((path) => ["--filter", `./${path}`]);
  await mustRun("npx", ["-y", "pnpm@10.34.9", "-r", ...filter, "pack", "--pack-destination", packed], root);

  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarballs = readdirSync(packed).map((file) => join(packed, file));
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
  await mustRun("npm", ["install", ...quiet, ...options, ...tarballs], folder);
  rmSync(packed, { recursive: true });
}

async function mustRun(program, args, cwd) {
  const { failure, output } = await run(program, args, { cwd, limitMs: 180_000 });
  if (failure !== null) throw new Error(`${failure}\n${output}`);
}
