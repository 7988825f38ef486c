import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { tarballsOf } from "../../../scripts/measure-packages.mjs";
import { nodeBinary } from "../../../scripts/node-binary.mjs";
import { installTarballs } from "../../../scripts/packed-install.mjs";
import { readmeExample } from "../../../scripts/readme-example.mjs";
import { environmentOf } from "./use.mjs";

/** The last Node 20 that the packages do not support: npm still runs under it. */
const TOO_OLD = "20.18.3";

/** Where something is missing that a package needs, what says so also says what to do. */
export async function unmetNeeds(stage, packages, folder) {
  const connection = packages.find(({ name }) => name === "@p2pnet/connection");
  const tarballs = [connection.tarball, ...tarballsOf(connection.needs, packages)];
  const project = join(folder, "unmet-needs");
  const { failure, output } = await installTarballs(project, tarballs);
  if (failure !== null) throw new Error(`${failure}\n${output}`);

  await underOldNode(stage, tarballs, project);
  await withoutFfi(stage, project, connection.folder);
}

async function underOldNode(stage, tarballs, project) {
  const { path, missing } = await nodeBinary(TOO_OLD);
  if (missing !== undefined) {
    stage.omit(`Node ${TOO_OLD}: ${missing}`);
    return;
  }
  const env = environmentOf(path);
  const title = (what) => `Node ${TOO_OLD}, which is too old: ${what}`;
  const warned = await installTarballs(join(project, "warned"), tarballs, { env });
  const needed = />=20\.19/;
  stage.check(title("npm warns"), warned.failure ?? says(warned.output, /EBADENGINE/, needed), warned.output);
  const refused = await installTarballs(join(project, "refused"), tarballs, { env, options: ["--engine-strict"] });
  stage.check(title("npm refuses with engine-strict"), says(refused.output, /EBADENGINE/, needed), refused.output);

  writeFileSync(join(project, "require.cjs"), 'require("@p2pnet/connection");\n');
  const required = await run(path, ["require.cjs"], { cwd: project });
  const told = says(required.output, /ERR_REQUIRE_ESM/, /dynamic import\(\)/);
  stage.check(title("require() says to import"), told, required.output);
}

async function withoutFfi(stage, project, folder) {
  rmSync(join(project, "node_modules", "koffi"), { recursive: true });
  const { code, prints } = readmeExample(join(folder, "README.md"));
  writeFileSync(join(project, "example.js"), code);
  const failed = await run(process.execPath, ["example.js"], { cwd: project, limitMs: 20_000 });
  const told = says(
    failed.output,
    /ERR_FFI_UNAVAILABLE/,
    /install @p2pnet\/sys with its dependencies/,
    /transport: "auto"/,
  );
  stage.check("without koffi: the error says to install it, or to do without", told, failed.output);

  const portable = code
    .replaceAll("port: 0", 'port: 0, transport: "auto"')
    .replaceAll("server.address.port", '$&, transport: "auto"');
  writeFileSync(join(project, "auto.js"), portable);
  const { failure, stdout, output } = await run(process.execPath, ["auto.js"], { cwd: project, limitMs: 20_000 });
  const wrong = stdout === prints ? null : `expected ${prints}, got ${stdout}`;
  stage.check("without koffi: transport auto does without", failure ?? wrong, output);
}

/** Null if a text has all of the patterns. */
function says(text, ...patterns) {
  const missing = patterns.filter((pattern) => !pattern.test(text));
  return missing.length === 0 ? null : `expected it to say ${missing.join(" and ")}`;
}
