import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Modules in a folder of their own, which find the packages as they are built. For processes and threads to run. */
export class ProgramFolder {
  readonly #path: string;

  /** @param modules by the names of their files */
  constructor(modules: { readonly [name: string]: string }) {
    this.#path = mkdtempSync(join(nodeModules(), ".program-"));
    writeFileSync(this.path("package.json"), '{ "type": "module" }');
    for (const [name, code] of Object.entries(modules)) writeFileSync(this.path(name), withAddresses(code));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  url(name: string): URL {
    return pathToFileURL(this.path(name));
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The nearest one: from it Deno finds packages, and whoever looks for files to check or to pack passes it over. */
function nodeModules(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules");
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error("node_modules: expected one above the tests, got none");
  }
}

/** A package is not found by its own name from there. */
function withAddresses(code: string): string {
  return code.replaceAll(/(?<=from )"(@p2pnet\/[\w-]+)"/g, (_, name: string) =>
    JSON.stringify(import.meta.resolve(name)),
  );
}
