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
  return typeErrors(new Map([[join(example.folder, "readme-example.mts"), example.code]])).map(
    ({ line, message }) => `${line}: ${message}`,
  );
}

/** One that the type checker has found. Lines count from 1. */
export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * Type-checks modules as if they stood in files of the given names; nothing is written there. JavaScript is checked as far as
 * it goes without annotations: not as strictly.
 */
export function typeErrors(modules: ReadonlyMap<string, string>): TypeProblem[] {
  const strict = [...modules.keys()].every((name) => /ts$/.test(name));
  const options: ts.CompilerOptions = {
    noEmit: true,
    allowJs: !strict,
    checkJs: !strict,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    strict,
    noUncheckedIndexedAccess: strict,
    exactOptionalPropertyTypes: strict,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  const codeOf = new Map([...modules].map(([name, code]) => [name.replaceAll("\\", "/"), code]));
  const [first = "."] = modules.keys();
  host.getCurrentDirectory = () => dirname(first);
  host.fileExists = (file) => codeOf.has(file) || fileExists(file);
  host.readFile = (file) => codeOf.get(file) ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const code = codeOf.get(file);
    return code === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, code, rest[0]);
  };

  const program = ts.createProgram([...modules.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => ({
    file: file?.fileName ?? "",
    line: (file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0) + 1,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
  }));
}
