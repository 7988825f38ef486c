// Run by "prepack" in a package's folder: leaves one `.d.ts` for each entry in dist, instead of one for each source file. What is
// published then has no types but those that users can reach. The next build writes them all again.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { extractApi } from "./api-extractor.mjs";
import { entriesOf } from "./package-entries.mjs";

const folder = process.cwd();
const entries = entriesOf(folder);
const fresh = mkdtempSync(join(tmpdir(), "p2pnet-types-"));
try {
  const bundles = join(fresh, "bundles");
  mkdirSync(bundles);
  for (const { types } of entries) {
    extractApi(folder, types, { bundle: join(bundles, basename(types)), record: join(fresh, "api.md") });
  }

  const dist = join(folder, "dist");
  const old = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".d.ts"));
  for (const file of old) rmSync(join(dist, file));
  for (const { types } of entries) cpSync(join(bundles, basename(types)), types);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
