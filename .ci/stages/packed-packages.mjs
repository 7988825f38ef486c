import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { packageFolders, root } from "../../scripts/suites.mjs";

/** What is published: each tarball holds what it must, installs in an empty npm project, and can be imported there. */
export async function packedPackages(stage) {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-packed-"));
  try {
    const packages = [];
    for (const source of packageFolders()) packages.push(await pack(stage, source, folder));

    await useInProject(stage, "all packages", join(folder, "all"), packages);
    const framing = packages.filter(({ name }) => name === "@p2pnet/framing");
    await useInProject(stage, "framing alone", join(folder, "framing"), framing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** pnpm's pack, as it turns `workspace:^` into versions. */
async function pack(stage, source, into) {
  const { name, exports } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const tarball = join(into, `${name.replace(/\W/g, "-")}.tgz`);
  const { failure, output } = await run("npx", ["-y", "pnpm@10.34.9", "pack", "--out", tarball], { cwd: source });
  const files = (await run("tar", ["-tzf", tarball])).stdout.split("\n");
  const needed = ["README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
  const missing = needed.filter((file) => !files.includes(`package/${file}`));
  const incomplete = missing.length === 0 ? null : `expected ${missing.join(", ")} in the tarball`;
  stage.check(`${name}: tarball`, failure ?? incomplete, output);

  const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));
  return { name, tarball, imports: entries.map((entry) => name + entry.slice(1)) };
}

async function useInProject(stage, title, folder, packages) {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarballs = packages.map(({ tarball }) => tarball);
  const installed = await run("npm", ["install", "--no-audit", "--no-fund", ...tarballs], { cwd: folder });
  stage.check(`${title}: npm install`, installed.failure, installed.output);

  const names = packages.flatMap(({ imports }) => imports);
  const script = names
    .map((name) => `console.log("${name}", Object.keys(await import("${name}")).join(" "));`)
    .join("\n");
  writeFileSync(join(folder, "imports.js"), script);
  // Importing loads no native code: it must work where Node denies it.
  const imported = await run(process.execPath, ["--no-addons", "imports.js"], { cwd: folder });
  const empty = imported.stdout.split("\n").filter((line) => line.endsWith(" "));
  stage.check(
    `${title}: import`,
    imported.failure ?? (empty.length === 0 ? null : `expected exports from ${empty.join(", ")}`),
    imported.output,
  );

  writeFileSync(join(folder, "types.ts"), names.map((name, i) => `export * as _${i} from "${name}";`).join("\n"));
  const typed = await run(process.execPath, [join(root, "node_modules/typescript-7/bin/tsc"), ...TSC, "types.ts"], {
    cwd: folder,
  });
  stage.check(`${title}: types`, typed.failure, typed.output);
}

/** Checks the published `.d.ts` files themselves, as `skipLibCheck` would not. */
const TSC = [
  "--noEmit",
  "--strict",
  "--target",
  "es2023",
  "--lib",
  "es2023,esnext.disposable",
  "--module",
  "nodenext",
].concat(["--types", "node", "--typeRoots", join(root, "node_modules", "@types")]);
