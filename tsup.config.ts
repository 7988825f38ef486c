import { basename, dirname } from "node:path";
import { defineConfig } from "tsup";

/**
 * What each file of a package begins with: under a Node that is too old (see `engines`) it says so, before anything else fails
 * there for reasons that nobody could guess. Not a module of its own: the files that an import splits off run before that, and
 * from packages without side effects it would be dropped. Bun and Deno have versions of their own, and a page has none.
 */
const OLD_NODE_CHECK = String.raw`{
  const { bun, deno, node } = globalThis.process?.versions ?? {};
  if (!bun && !deno && /^(1?\d|20\.(\d|1[0-8]))\./.test(node))
    throw Object.assign(
      new Error("@p2pnet: expected Node 20.19 or newer, got " + node + ": install a newer Node from https://nodejs.org"),
      { code: "ERR_NODE_UNSUPPORTED" },
    );
}`;

const isPackage = basename(dirname(process.cwd())) === "packages";

// JavaScript only: the types are written by tsc, which checks them too (see "build" in each package).
export default defineConfig({
  format: ["esm"],
  target: "node20.19",
  platform: "node",
  splitting: true,
  // What is published is the code as it is read here, in one file; framing alone is minified, to be small.
  sourcemap: false,
  clean: true,
  dts: false,
  silent: true,
  ...(isPackage ? { banner: { js: OLD_NODE_CHECK } } : {}),
  esbuildOptions: (options) => {
    // An uncaught error shows the line that threw it.
    if (options.minify) options.lineLimit = 200;
  },
});
