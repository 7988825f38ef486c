// What each package costs its users, as the table of docs/packages.md. Build first.
//
//   node scripts/package-sizes.mjs            writes the table
//   node scripts/package-sizes.mjs --check    fails if the table does not say what is so
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measurePackages, overLimits, tableDiffers, tableOf } from "./measure-packages.mjs";
import { packPackages } from "./pack.mjs";
import { root } from "./suites.mjs";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const page = join(root, "docs", "packages.md");
const TABLE = /(?<=<!-- written by `pnpm sizes` -->\n\n)(\|.*\n)+/;

const folder = mkdtempSync(join(tmpdir(), "p2pnet-sizes-"));
try {
  const sizes = await measurePackages(await packPackages(folder), folder);
  const text = readFileSync(page, "utf8");
  if (!values.check) writeFileSync(page, text.replace(TABLE, tableOf(sizes)));
  const wrong = values.check ? tableDiffers(text.match(TABLE)?.[0] ?? "", sizes) : [];
  for (const line of [...wrong, ...overLimits(sizes)]) {
    console.error(line);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
