import { dirname } from "node:path";
import ts from "typescript";

/** One that the type checker has found. Lines count from 1. */
export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * Type-checks modules as strictly as a user may, with every `strict` option, against the built `.d.ts` of the packages that they
 * import; as if they stood in files of the given names, but nothing is written there. JavaScript is checked as far as it goes
 * without annotations: not as strictly. Takes a second or two.
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
