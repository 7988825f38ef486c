// Does all of a release but tell the world: in a copy of the tree it turns the changesets into versions and change logs, builds,
// packs and publishes to a registry of its own on the loopback; then installs from there into an empty project and runs the
// README's example of connection. Nothing of it is left.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { run } from "./command.mjs";
import { startRegistry } from "./loopback-registry.mjs";
import { manifestOf } from "./pack.mjs";
import { readmeExample } from "./readme-example.mjs";
import { packageFolders, root } from "./suites.mjs";

const PNPM = ["-y", "pnpm@10.34.9"];
const folder = mkdtempSync(join(tmpdir(), "p2pnet-release-"));
const behind = (await must("npm", ["config", "get", "registry"], root)).trim();
const registry = await startRegistry(behind);
try {
  const tree = await copyTree();
  await must("npx", [...PNPM, "install", "--frozen-lockfile", "--prefer-offline"], tree);
  await must("npx", [...PNPM, "exec", "changeset", "version"], tree);
  expectChangeLogs(tree);
  await must("npx", [...PNPM, "run", "build:quiet"], tree);
  await must("npx", [...PNPM, "exec", "changeset", "publish", "--no-git-tag"], tree, toRegistry());
  report();
  await useWhatIsPublished();
} finally {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}

/** What is committed, and what is changed beside that: a clone, as changesets ask git. */
async function copyTree() {
  const tree = join(folder, "tree");
  await must("git", ["clone", "--quiet", root, tree], folder);
  const changed = await must("git", ["ls-files", "-z", "--modified", "--others", "--exclude-standard"], root);
  const deleted = await must("git", ["ls-files", "-z", "--deleted"], root);
  for (const file of deleted.split("\0").filter(Boolean)) rmSync(join(tree, file));
  for (const file of changed.split("\0").filter((name) => name !== "" && !deleted.includes(name))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(root, file), join(tree, file));
  }
  return tree;
}

/** Each package's own says what its version brings. */
function expectChangeLogs(tree) {
  const missing = packageFolders()
    .map((folder) => join(tree, relative(root, folder)))
    .map((folder) => ({ file: join(folder, "CHANGELOG.md"), ...manifestOf(folder) }))
    .filter(({ file, version }) => !existsSync(file) || !readFileSync(file, "utf8").includes(`\n## ${version}\n`))
    .map(({ file, version }) => `${relative(tree, file)}: expected a section "${version}", got none`);
  if (missing.length > 0) throw new Error(missing.join("\n"));
  console.log(`change logs of ${packageFolders().length} packages have a section for their version`);
}

/** An environment in which npm and pnpm talk to the loopback only, and keep nothing in the user's own cache. */
function toRegistry() {
  const config = join(folder, "npmrc");
  // Neither asks the registry for anything without a token.
  writeFileSync(config, `registry=${registry.url}/\n${registry.url.replace("http:", "")}/:_authToken=dry\n`);
  const cache = join(folder, "cache");
  const provenance = "false";
  return { ...process.env, npm_config_userconfig: config, npm_config_cache: cache, npm_config_provenance: provenance };
}

function report() {
  for (const [name, { versions }] of registry.published) console.log(`published ${name} ${Object.keys(versions)}`);
  const missing = packageFolders().length - registry.published.size;
  if (missing !== 0)
    throw new Error(`expected all ${packageFolders().length} packages to be published, ${missing} are not`);
}

async function useWhatIsPublished() {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  const env = toRegistry();
  await must("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "@p2pnet/connection"], project, env);
  const { code, prints } = readmeExample(join(root, "packages", "connection", "README.md"));
  writeFileSync(join(project, "example.js"), code);
  const printed = await must(process.execPath, ["example.js"], project, env);
  if (printed !== prints) throw new Error(`the README's example: expected ${prints}, got ${printed}`);
  console.log(`installed @p2pnet/connection into an empty project, whose example printed: ${printed.trim()}`);
}

/** @returns {Promise<string>} what the program printed */
async function must(program, args, cwd, env = process.env) {
  const { failure, stdout, output } = await run(program, args, { cwd, env, limitMs: 300_000 });
  if (failure !== null) throw new Error(`${failure}\n${output}`);
  return stdout;
}
