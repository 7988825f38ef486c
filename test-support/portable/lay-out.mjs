import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const require = createRequire(import.meta.url);

/** What tests import besides the packages. */
const libraries = {
  vitest: Object.fromEntries(["vitest", "main", "wine-resets"].map((name) => [name, join(here, `${name}.ts`)])),
  "fast-check": { "fast-check": require.resolve("fast-check") },
};

/**
 * Puts what the tests of packages need into a folder where the packages are installed, as JavaScript, in the same places as
 * in this repository: so they find each other, and what they look for beside themselves. The entries of a package's `src` are
 * those of the installed package; other internals are there too.
 *
 * @param {string} folder
 * @param {string[]} packages the folders' names
 * @returns {Promise<string>} the program that runs a test file, relative to `folder`
 */
export async function layOutTests(folder, packages) {
  rmSync(join(folder, "packages"), { recursive: true, force: true });
  for (const [name, entries] of Object.entries(libraries)) await bundleLibrary(folder, name, entries);
  for (const name of packages) await layOutPackage(folder, name);
  return join("node_modules", "vitest", "main.js");
}

async function bundleLibrary(folder, name, entryPoints) {
  const outdir = join(folder, "node_modules", name);
  const options = { bundle: true, splitting: true, format: "esm", platform: "node", target: "node20.19" };
  await build({ plugins: [installedSources], ...options, entryPoints, outdir, logLevel: "error" });
  writeFileSync(join(outdir, "package.json"), JSON.stringify({ name, type: "module", exports: `./${name}.js` }));
}

async function layOutPackage(folder, name) {
  const from = join(root, "packages", name);
  const into = join(folder, "packages", name);
  const filter = (file) => !/[\\/](node_modules|\.turbo|package\.json)$/.test(file);
  // Without its package.json: by its own name a package is the installed one here.
  cpSync(from, into, { recursive: true, filter });
  await build({
    entryPoints: sources(from),
    outbase: from,
    outdir: into,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "error",
    plugins: [installedPackages],
  });
  for (const { name, file } of entriesOf(from)) writeFileSync(join(into, "src", file), `export * from "${name}";\n`);
}

/** A package's sources, which have its types, are the installed package. */
const installedSources = {
  name: "installed sources",
  setup(build) {
    const filter = /\/packages\/[\w-]+\/src\/index\.js$/;
    build.onResolve({ filter }, ({ path }) => ({ path: `@p2pnet/${path.split("/").at(-3)}`, external: true }));
  },
};

/** Another package's build, which a test imports without its package depending on it, is the installed package. */
const installedPackages = {
  name: "installed packages",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, "utf8");
      return {
        loader: "ts",
        contents: code.replaceAll(/from "[./]+\/([\w-]+)\/dist\/index\.js"/g, 'from "@p2pnet/$1"'),
      };
    });
  },
};

/** All TypeScript of a package. */
function sources(from) {
  return ["src", "test", "probe"]
    .flatMap((part) => listed(join(from, part)))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
}

function listed(folder) {
  try {
    return readdirSync(folder, { recursive: true }).map((file) => join(folder, file));
  } catch {
    return []; // Not every package has every folder.
  }
}

/** Such as `@p2pnet/framing/node`, which is `node.js` in `dist`. */
function entriesOf(from) {
  const { name, exports } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.default !== undefined)
    .map(([entry, target]) => ({ name: name + entry.slice(1), file: relative("dist", target.default) }));
}

/** Where the test files of a package are, relative to its folder. */
export function testFiles(name) {
  return listed(join(root, "packages", name, "test"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => relative(join(root, "packages", name), file))
    .toSorted();
}
