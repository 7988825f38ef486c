import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * Every folder with a vitest suite.
 *
 * @returns {{ name: string, folder: string, hasTests: boolean }[]}
 */
export function suites() {
  const folders = [...foldersIn("packages"), ...foldersIn("apps"), join(root, "docs"), join(root, "test-support")];
  return folders
    .filter((folder) => existsSync(join(folder, "package.json")) && existsSync(join(folder, "vitest.config.ts")))
    .map((folder) => ({
      name: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name,
      folder,
      hasTests: hasTests(join(folder, "test")),
    }));
}

/** The folders of the packages that are published. */
export const packageFolders = () => foldersIn("packages");

function foldersIn(parent) {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, parent, entry.name, "package.json")))
    .map((entry) => join(root, parent, entry.name));
}

function hasTests(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => name.endsWith(".test.ts"));
}
