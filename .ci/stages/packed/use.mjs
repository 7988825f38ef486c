import { writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { entriesOf } from "../../../scripts/package-entries.mjs";
import { readmeExample } from "../../../scripts/readme-example.mjs";

/** This environment with a Node first in PATH: npm runs under that. */
export function environmentOf(node) {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
}

/** In a project of its own a package can be imported and required with addons denied, and its README's example runs. */
export async function usePackage(stage, { name, folder }, project, { version, path }) {
  const failures = [];
  const entries = entriesOf(folder).map((entry) => entry.name);
  for (const [file, load] of Object.entries(LOADERS)) {
    writeFileSync(join(project, file), entries.map((entry) => `${load(entry)}\n`).join(""));
    // Importing loads no native code: it must work where Node denies it.
    const { failure, output, stdout } = await run(path, ["--no-addons", file], { cwd: project });
    const empty = stdout.split("\n").filter((line) => line.endsWith(" 0"));
    if (failure !== null || empty.length > 0 || /warning/i.test(output))
      failures.push(`${file}: ${failure}\n${output}`);
  }

  const example = readmeExample(join(folder, "README.md"));
  writeFileSync(join(project, "example.js"), example.code);
  const { failure, stdout, output } = await run(path, ["example.js"], { cwd: project, limitMs: 20_000 });
  if (failure !== null || stdout !== example.prints) failures.push(`the README's example: ${failure}\n${output}`);
  stage.check(`${name}: installed, imported, required and run under Node ${version}`, failures.join("\n") || null);
}

/** Files that print each entry and the number of its exports. */
const LOADERS = {
  "import.js": (entry) => `console.log("${entry}", Object.keys(await import("${entry}")).length);`,
  "require.cjs": (entry) => `console.log("${entry}", Object.keys(require("${entry}")).length);`,
};
