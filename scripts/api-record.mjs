// Records what each package exports in packages/*/etc/*.api.md, so that a change of it shows in a diff. Build first.
//
//   node scripts/api-record.mjs            writes the records
//   node scripts/api-record.mjs --check    fails if they are not as they would be written
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { extractApi } from "./api-extractor.mjs";
import { run } from "./command.mjs";
import { entriesOf } from "./package-entries.mjs";
import { packageFolders, root } from "./suites.mjs";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const fresh = mkdtempSync(join(tmpdir(), "p2pnet-api-"));
try {
  for (const folder of packageFolders()) await settle(folder, record(folder));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Writes a package's records into a folder of their own, and returns it. */
function record(folder) {
  const records = join(fresh, relative(root, folder), "etc");
  for (const { name, types } of entriesOf(folder)) {
    const title = name.replace("@p2pnet/", "").replaceAll("/", "-");
    const bundle = join(fresh, "bundle.d.ts");
    extractApi(folder, types, { bundle, record: join(records, `${title}.api.md`) });
  }
  rmSync(join(records, "temp"), { recursive: true, force: true });
  return records;
}

/** Takes fresh records into the package, or says how its own differ from them. */
async function settle(folder, records) {
  const kept = join(folder, "etc");
  if (!values.check) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(records, kept, { recursive: true });
    return;
  }
  const shown = relative(root, kept);
  const { failure, output } = existsSync(kept)
    ? await run("git", ["diff", "--no-index", "--exit-code", kept, records])
    : { failure: "not there", output: "" };
  if (failure === null) return;
  console.error(`${shown}: expected the record of what is exported now, which \`pnpm api\` writes\n${output}`);
  process.exitCode = 1;
}
