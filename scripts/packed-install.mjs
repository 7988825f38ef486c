import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { packPackages } from "./pack.mjs";

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
  await packPackages(packed, apps);
  const tarballs = readdirSync(packed).map((file) => join(packed, file));
  const { failure, output } = await installTarballs(folder, tarballs, { options });
  if (failure !== null) throw new Error(`${failure}\n${output}`);
  rmSync(packed, { recursive: true });
}

/**
 * Installs tarballs with npm in a plain folder.
 *
 * @param {string} folder is made if it is not there
 * @param {string[]} tarballs
 * @param {{ options?: string[], env?: NodeJS.ProcessEnv }} [more]
 * @returns {Promise<import("./command.mjs").Outcome>} what npm said
 */
export function installTarballs(folder, tarballs, { options = [], env = process.env } = {}) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--prefer-offline"];
  return run("npm", ["install", ...quiet, ...options, ...tarballs], { cwd: folder, env, limitMs: 180_000 });
}
