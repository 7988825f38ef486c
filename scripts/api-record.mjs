// Records what each package exports in packages/*/etc/*.api.md, so that a change of it shows in a diff. Build first.
//
//   node scripts/api-record.mjs            writes the records
//   node scripts/api-record.mjs --check    fails if they are not as they would be written
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { extractApi } from "./api-extractor.mjs";
import { keep } from "./keep.mjs";
import { entriesOf } from "./package-entries.mjs";
import { packageFolders, root } from "./suites.mjs";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const fresh = mkdtempSync(join(tmpdir(), "p2pnet-api-"));
try {
  for (const folder of packageFolders()) {
    await keep(record(folder), join(folder, "etc"), { check: values.check, command: "pnpm api" });
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Writes a package's records into a folder of their own, and returns it. */
function record(folder) {
  const records = join(fresh, relative(root, folder), "etc");
  for (const { title, types } of entriesOf(folder)) {
    extractApi(folder, types, { bundle: join(fresh, "bundle.d.ts"), record: join(records, `${title}.api.md`) });
  }
  rmSync(join(records, "temp"), { recursive: true, force: true });
  return records;
}
