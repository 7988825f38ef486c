import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

const LIMIT_MS = 5 * 60_000;
/** The Node under which suites run whole, with every backend and host; under the others as `npm test` has them. */
const WHOLE = "26.";

/**
 * Runs one package's vitest suite under the given Node.
 *
 * @param {string} node path of the program
 * @param {string} version its version, which the tests see as NODE_V
 * @param {string} folder the package
 * @returns {Promise<{ tests: import("./what-ran-where.mjs").Test[], passed: number, failed: number, skipped: string[], output: string }>}
 *   `skipped` has full test names
 */
async function runVitest(node, version, folder) {
  const results = mkdtempSync(join(tmpdir(), "p2pnet-vitest-"));
  const file = join(results, "results.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = [vitest, "run", "--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile=${file}`];
    // First in PATH too, for what a test may start by name.
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, PATH, NODE_V: version };
    if (version.startsWith(WHOLE)) env.P2PNET_TESTS = "all";
    const { failure, output } = await run(node, args, { cwd: folder, env, limitMs: LIMIT_MS });
    const tests = testsIn(file);
    return { tests, ...count(tests, failure), output: failure === null ? output : `${output}\n${failure}` };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/**
 * As `runVitest`, but a suite that fails runs once more: on a machine that others use, too, a test may miss its time. Tests
 * that failed the first time only are passed, and `unsteady` names them.
 *
 * @returns {Promise<Awaited<ReturnType<typeof runVitest>> & { unsteady: string[] }>}
 */
export async function runVitestTwice(node, version, folder) {
  const first = await runVitest(node, version, folder);
  if (first.failed === 0) return { ...first, unsteady: [] };
  const second = await runVitest(node, version, folder);
  if (second.failed > 0) return { ...second, unsteady: [] };
  const names = first.tests.filter(({ state }) => state === "failed").map(({ name }) => name.join(" "));
  return { ...second, unsteady: names.length > 0 ? names : [first.output.trimEnd().split("\n").at(-1) ?? "the suite"] };
}

/**
 * The tests in a file that vitest's JSON reporter has written; none if it has not.
 *
 * @returns {import("./what-ran-where.mjs").Test[]}
 */
export function testsIn(file) {
  try {
    const { testResults } = JSON.parse(readFileSync(file, "utf8"));
    return testResults.flatMap(({ assertionResults }) => assertionResults).map(testOf);
  } catch {
    return []; // vitest ended before it could write.
  }
}

/**
 * What has failed, by name, in a file that vitest's JSON reporter has written: tests, and files that could not be loaded. None
 * if vitest has not written it.
 *
 * @param {string} file
 * @param {string} folder the package
 * @returns {string[]} such as "test/decoder.test.ts > a decoder > takes one byte at a time failed"
 */
export function failuresIn(file, folder) {
  if (!existsSync(file)) return [];
  const { testResults } = JSON.parse(readFileSync(file, "utf8"));
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const path = relative(folder, name);
    const failed = assertionResults.map(testOf).filter(({ state }) => state === "failed");
    if (failed.length > 0) return failed.map((test) => `${[path, ...test.name].join(" > ")} failed`);
    return status === "failed" ? [`${path} failed: ${message.split("\n")[0]}`] : [];
  });
}

function testOf({ ancestorTitles, title, status }) {
  return { name: [...ancestorTitles, title], state: ["passed", "failed"].includes(status) ? status : "skipped" };
}

function count(tests, failure) {
  const of = (wanted) => tests.filter(({ state }) => state === wanted);
  const failed = of("failed").length;
  return {
    passed: of("passed").length,
    // A file that cannot be loaded, an unhandled error or a time-out fails the suite without a failed test.
    failed: failure !== null && failed === 0 ? 1 : failed,
    skipped: of("skipped").map(({ name }) => name.join(" ")),
  };
}
