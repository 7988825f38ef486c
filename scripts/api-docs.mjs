// Writes the reference of all packages from their docstrings into docs/api, a Markdown page for each entry. Needs no build.
//
//   node scripts/api-docs.mjs            writes the pages; a link in a docstring that leads nowhere fails it
//   node scripts/api-docs.mjs --check    fails, too, if the pages are not as they would be written
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Application, Converter } from "typedoc";
import { keep } from "./keep.mjs";
import { entriesOf } from "./package-entries.mjs";
import { packageFolders, root } from "./suites.mjs";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const fresh = mkdtempSync(join(tmpdir(), "p2pnet-docs-"));
try {
  await write(fresh);
  if (process.exitCode === undefined) {
    await keep(fresh, join(root, "docs", "api"), { check: values.check, command: "pnpm docs:api" });
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

async function write(out) {
  const entries = packageFolders().flatMap(entriesOf);
  const app = await Application.bootstrapWithPlugins({
    name: "Reference",
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(root, ".typedoc.tsconfig.json"),
    plugin: ["typedoc-plugin-markdown"],
    out,
    outputFileStrategy: "modules",
    readme: "none",
    entryFileName: "README.md",
    flattenOutputFiles: true,
    useHTMLAnchors: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    logLevel: "Warn",
    validation: { invalidLink: true, rewrittenLink: true, notExported: false, notDocumented: false },
  });
  // TypeDoc names a module after its path below "packages": "framing/src", "framing/src/node".
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = module.name.replace("/src", "").replaceAll("/", "-");
  });
  const project = await app.convert();
  if (project !== undefined) {
    app.validate(project);
    await app.generateOutputs(project);
  }
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
}
