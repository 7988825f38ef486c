import { readFileSync } from "node:fs";
import ts from "typescript";

/** A README's first example as JavaScript, and what it prints. The package's tests say that both are there. */
export function readmeExample(readme) {
  const [, code, prints] = /^```ts\n(.*?)^```$.*?^```text\n(.*?)^```$/ms.exec(readFileSync(readme, "utf8"));
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return { code: ts.transpileModule(code, { compilerOptions }).outputText, prints };
}
