import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const packages = join(root, "packages");

/**
 * Bundles the vitest files of packages, so that a runtime without vitest can run them: `node main.js <file> ...` in
 * `folder`, which holds the packages themselves, installed. A test's imports of its package's entries become imports of the
 * installed package; other internals are bundled. Beside the bundles are copies of each package's folders, as the
 * tests look for files relative to themselves.
 *
 * @param {string} folder
 * @param {{ package: string, files: string[] }[]} suites the folders' names, and files relative to them
 * @returns {Promise<string>} the program that runs a bundle, relative to `folder`
 */
export async function bundleTests(folder, suites) {
  const entries = suites.flatMap(({ package: name, files }) => files.map((file) => join(packages, name, file)));
  await build({
    entryPoints: [
      { in: join(here, "main.ts"), out: "main" },
      ...entries.map((file) => ({ in: file, out: bundleName(file) })),
    ],
    outdir: join(folder, "bundles"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "error",
    plugins: [installedPackages, sameFolders],
  });
  for (const { package: name } of suites) copyFolders(name, join(folder, "packages", name));
  return join("bundles", "main.mjs");
}

/** The bundle of a test file, relative to the folder. @param {{ package: string, file: string }} test */
export function bundleOf({ package: name, file }) {
  return join("bundles", `${bundleName(join(packages, name, file))}.mjs`);
}

function bundleName(file) {
  return relative(packages, file).replace(/\.ts$/, "");
}

/** Imports of vitest and of packages. */
const installedPackages = {
  name: "installed packages",
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: join(here, "vitest.ts") }));
    build.onResolve({ filter: /^(@p2pnet\/|koffi$|typescript$)/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const name = entryName(join(resolveDir, path));
      const fromTests = resolveDir.split(sep).includes("test");
      return fromTests && name !== null ? { path: name, external: true } : undefined;
    });
  },
};

/** `@p2pnet/framing/node` for `packages/framing/src/node.js` and for `packages/framing/dist/node.js`. */
function entryName(file) {
  const [name, folder, ...rest] = relative(packages, file).split(sep);
  if (rest.length !== 1 || (folder !== "src" && folder !== "dist")) return null;
  const manifest = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (target.default === `./dist/${rest[0]}`) return manifest.name + entry.slice(1);
  }
  return null;
}

/** A source's own address is that of its copy. */
const sameFolders = {
  name: "same folders",
  setup(build) {
    build.onLoad({ filter: /[\\/]packages[\\/][^\\/]+[\\/](src|test)[\\/].*\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, "utf8");
      if (!code.includes("import.meta.url")) return undefined;
      const copy = JSON.stringify(relative(root, path).split(sep).join("/"));
      return { contents: code.replaceAll("import.meta.url", `globalThis.p2pnetTests(${copy})`), loader: "ts" };
    });
  },
};

function copyFolders(name, into) {
  mkdirSync(into, { recursive: true });
  for (const entry of readdirSync(join(packages, name))) {
    if (["src", "test", "dist", "README.md"].includes(entry)) {
      cpSync(join(packages, name, entry), join(into, entry), { recursive: true });
    }
  }
  if (!existsSync(join(into, "dist"))) throw new Error(`${name}: expected it to be built, got no dist`);
}
