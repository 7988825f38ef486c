import { spawnSync } from "node:child_process";
import ts from "typescript";
import { readReadme } from "./readme-blocks.js";

/** What a README's first example printed, and what the README says it prints. Both end with a line feed. */
export interface ReadmeExample {
  stdout: string;
  expected: string;
}

/** Where the example stands, and how long it may take. */
export interface ReadmeExampleOptions {
  /** The file, if it is not `README.md` in the folder. */
  readme?: string | URL;
  /** In milliseconds, 10 000 by default. */
  limitMs?: number;
}

/**
 * Runs the first ```` ```ts ```` block of a README as a user would have it in a project of their own: with this Node, as
 * a module, in `folder`, so that its imports resolve as that package's do. The package itself is found under its own name,
 * through its `exports`; so build it first.
 *
 * ```ts
 * const example = runReadmeExample(new URL("..", import.meta.url));
 * expect(example.stdout).toBe(example.expected);
 * ```
 *
 * @param folder the package's folder
 * @throws Error if a block is missing, if the example fails, or has not ended in time
 */
export function runReadmeExample(folder: string | URL, options: ReadmeExampleOptions = {}): ReadmeExample {
  const example = readReadme(folder, options.readme);
  const stdout = runExample(example.code, example.folder, example.file, options.limitMs);
  return { stdout, expected: example.expected };
}

/**
 * What a module of TypeScript prints, run with this Node.
 *
 * @param folder the working folder, from which its imports resolve
 * @param name what errors call it
 * @throws Error if it fails, or has not ended in time
 */
export function runExample(code: string, folder: string, name: string, limitMs = 30_000): string {
  // Handed over on the command line: a module evaluated so resolves its imports from the working folder.
  const script = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });

  if (child.error !== undefined) {
    throw new Error(`${name}: expected its example to run and end within ${limitMs} ms`, { cause: child.error });
  }
  if (child.status !== 0) {
    const got = child.signal ?? child.status;
    throw new Error(`${name}: expected its example to exit with 0, got ${got}\n${child.stderr}`);
  }
  return child.stdout;
}
