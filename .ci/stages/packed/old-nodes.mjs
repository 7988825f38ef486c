import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { nodeBinary } from "../../../scripts/node-binary.mjs";
import { entriesOf } from "../../../scripts/package-entries.mjs";
import { installTarballs } from "../../../scripts/packed-install.mjs";
import { says } from "./says.mjs";
import { environmentOf } from "./use.mjs";

/** The last Node 20 that the packages do not support: npm still runs under it. */
const JUST_TOO_OLD = "20.18.3";

/** Some that lack what the packages use. */
const MUCH_TOO_OLD = ["18.20.4", "16.20.2"];

const NEEDED = />=20\.19/;

/** Under a Node that is too old each package says so when it is installed, and again when it is imported. */
export async function underOldNodes(stage, packages, folder) {
  const tarballs = packages.map(({ tarball }) => tarball);
  const { failure, output } = await installTarballs(folder, tarballs);
  if (failure !== null) throw new Error(`${failure}\n${output}`);
  const entries = packages.flatMap((packed) => entriesOf(packed.folder)).map(({ name }) => name);

  for (const version of [JUST_TOO_OLD, ...MUCH_TOO_OLD]) {
    const { path, missing } = await nodeBinary(version);
    if (missing !== undefined) {
      stage.omit(`Node ${version}: ${missing}`);
      continue;
    }
    const check = (what, told, log) => stage.check(`Node ${version}, which is too old: ${what}`, told, log);
    if (version === JUST_TOO_OLD) await install(check, path, tarballs, folder);
    if (version === JUST_TOO_OLD) await require(check, path, folder);
    await importAll(check, { version, path }, entries, folder);
  }
}

async function install(check, node, tarballs, folder) {
  const env = environmentOf(node);
  const warned = await installTarballs(join(folder, "warned"), tarballs, { env });
  check("npm warns", warned.failure ?? says(warned.output, /EBADENGINE/, NEEDED), warned.output);
  const refused = await installTarballs(join(folder, "refused"), tarballs, { env, options: ["--engine-strict"] });
  check("npm refuses with engine-strict", says(refused.output, /EBADENGINE/, NEEDED), refused.output);
}

async function require(check, node, folder) {
  writeFileSync(join(folder, "require.cjs"), 'require("@p2pnet/connection");\n');
  const { output } = await run(node, ["require.cjs"], { cwd: folder });
  check("require() says to import", says(output, /ERR_REQUIRE_ESM/, /dynamic import\(\)/), output);
}

async function importAll(check, { version, path }, entries, folder) {
  const told = `@p2pnet: expected Node 20.19 or newer, got ${version}: install a newer Node from https://nodejs.org`;
  const lines = entries.map(
    (entry) => `await import("${entry}").catch(({ code, message }) => console.log("${entry}", code, message));\n`,
  );
  writeFileSync(join(folder, "import.mjs"), lines.join(""));
  const { failure, stdout, output } = await run(path, ["import.mjs"], { cwd: folder });
  const expected = entries.map((entry) => `${entry} ERR_NODE_UNSUPPORTED ${told}\n`).join("");
  const wrong = stdout === expected ? null : `expected:\n${expected}got:\n${stdout}`;
  check("every import says to install a newer one", failure ?? wrong, output);
}
