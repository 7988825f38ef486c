import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A README's first example as JavaScript, and what it prints. The package's tests say that both are there. */
export function readmeExample(readme) {
  // Not at the top: CI reads this file before it has installed anything.
  const ts = createRequire(import.meta.url)("typescript");
  const [, code, prints] = /^```ts\n(.*?)^```$.*?^```text\n(.*?)^```$/ms.exec(readFileSync(readme, "utf8"));
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return { code: ts.transpileModule(code, { compilerOptions }).outputText, prints };
}
