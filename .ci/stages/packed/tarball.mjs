import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { manifestOf } from "../../../scripts/pack.mjs";
import { entriesOf } from "../../../scripts/package-entries.mjs";
import { root } from "../../../scripts/suites.mjs";

/** Each tarball has what it must and nothing else, and what it says of itself is so: metadata, README, module formats, types. */
export async function checkTarball(stage, { name, folder, tarball }) {
  const check = (what, wrong, log) =>
    stage.check(`${name}: ${what}`, wrong.length === 0 ? null : wrong.join("\n"), log);
  const { stdout } = await run("tar", ["-tzf", tarball]);
  check("files", wrongFiles(folder, stdout.split("\n").filter(Boolean)));
  check("package.json", wrongMetadata(folder));
  check("README", wrongReadme(name, readFileSync(join(folder, "README.md"), "utf8")));

  // Not at the top: CI reads this file before it has installed anything.
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const linted = await publint({ strict: true, pack: { tarball: readFileSync(tarball) } });
  check(
    "publint",
    linted.messages.map((message) => formatMessage(message, linted.pkg, { color: false })),
  );

  const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const options = ["--profile", "esm-only", "--format", "ascii", "--no-color", "--no-definitely-typed"];
  const { failure, output } = await run(process.execPath, [attw, tarball, ...options]);
  check("are the types wrong", failure === null ? [] : [failure], output);
}

function wrongFiles(folder, files) {
  const needed = [
    "README.md",
    "LICENSE",
    "package.json",
    ...entriesOf(folder).flatMap(({ types }) => pair(folder, types)),
  ];
  const missing = needed
    .filter((file) => !files.includes(`package/${file}`))
    .map((file) => `expected ${file}, got none`);
  const types = entriesOf(folder).map((entry) => pair(folder, entry.types)[0]);
  const allowed = (file) => types.includes(file) || /^(dist\/[^/]+\.js|README\.md|LICENSE|package\.json)$/.test(file);
  const extra = files.map((file) => file.replace("package/", "")).filter((file) => !allowed(file));
  return [...missing, ...extra.map((file) => `expected no ${file}`)];
}

/** An entry's types and JavaScript, within the package. */
function pair(folder, types) {
  const path = types.slice(folder.length + 1).replaceAll("\\", "/");
  return [path, path.replace(/\.d\.ts$/, ".js")];
}

/** Without what the registry's pages find out by `repository` alone: every byte counts there. */
const TERSE = ["packages/framing"];

function wrongMetadata(folder) {
  const top = manifestOf(root);
  const manifest = manifestOf(folder);
  const path = folder.slice(root.length + 1).replaceAll("\\", "/");
  const page = top.repository.url.replace(/^git\+|\.git$/g, "");
  const expected = {
    license: top.license,
    engines: top.engines,
    repository: { ...top.repository, directory: path },
    ...(TERSE.includes(path) ? {} : { homepage: `${page}/tree/main/${path}#readme`, bugs: `${page}/issues` }),
    type: "module",
    sideEffects: false,
  };
  const wrong = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => `${field}: expected ${JSON.stringify(value)}, got ${JSON.stringify(manifest[field])}`);
  const few = (manifest.keywords ?? []).length < 4 ? ["keywords: expected at least 4"] : [];
  return [...wrong, ...few, ...(manifest.description ? [] : ["description: expected one"])];
}

/** A first example is read at a glance: about ten lines, blank ones aside. */
const EXAMPLE_LINES = 12;

function wrongReadme(name, text) {
  const parts = {
    "how to install it": new RegExp(`^npm install .*${name}`, "m"),
    "an example": /^```ts$/m,
    "its API in brief": /^## API$/m,
    "its errors by code": /^## Errors$[^#]*^\|.*`ERR_/m,
  };
  const missing = Object.entries(parts)
    .filter(([, pattern]) => !pattern.test(text))
    .map(([part]) => `expected ${part}`);
  const example = /^```ts\n(.*?)^```$/ms.exec(text)?.[1] ?? "";
  const lines = example.split("\n").filter((line) => line.trim() !== "").length;
  const long =
    lines > EXAMPLE_LINES ? [`expected a first example of at most ${EXAMPLE_LINES} lines, got ${lines}`] : [];
  return [...missing, ...long];
}
