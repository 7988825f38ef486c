import { dirname, join } from "node:path";
import ts from "typescript";
import { readReadme } from "./readme-blocks.js";

/**
 * Type-checks the first ```` ```ts ```` block of a README as strictly as a user may: with every `strict` option, against
 * the built `.d.ts` of the packages it imports. Takes a second or two.
 *
 * @param folder the folder from which the example's imports resolve
 * @param options `readme` is the file, if it is not `README.md` in that folder
 * @returns the type errors, as `line: message`, with lines counted within the example
 */
export function readmeTypeErrors(folder: string | URL, options: { readme?: string | URL } = {}): string[] {
  const example = readReadme(folder, options.readme);
  return typeErrors(example.code, join(example.folder, "readme-example.mts"));
}

/** `code` is checked as if it stood in the file `name`; nothing is written there. */
function typeErrors(code: string, name: string): string[] {
  const options: ts.CompilerOptions = {
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  const isExample = (file: string): boolean => file === name.replaceAll("\\", "/");
  host.getCurrentDirectory = () => dirname(name);
  host.fileExists = (file) => isExample(file) || fileExists(file);
  host.readFile = (file) => (isExample(file) ? code : readFile(file));
  host.getSourceFile = (file, ...rest) =>
    isExample(file) ? ts.createSourceFile(file, code, rest[0]) : getSourceFile(file, ...rest);

  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
    return `${line + 1}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`;
  });
}
