import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

const LIMIT_MS = 5 * 60_000;

/**
 * Runs one package's vitest suite under the given Node.
 *
 * @param {string} node path of the program
 * @param {string} version its version, which the tests see as NODE_V
 * @param {string} folder the package
 * @returns {Promise<{ passed: number, failed: number, skipped: string[], output: string }>} `skipped` has full test names
 */
export async function runVitest(node, version, folder) {
  const results = mkdtempSync(join(tmpdir(), "p2pnet-vitest-"));
  const file = join(results, "results.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = [vitest, "run", "--passWithNoTests", "--reporter=default", "--reporter=json", `--outputFile=${file}`];
    // First in PATH too, for what a test may start by name.
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, PATH, NODE_V: version };
    const { failure, output } = await run(node, args, { cwd: folder, env, limitMs: LIMIT_MS });
    return { ...count(read(file), failure), output: failure === null ? output : `${output}\n${failure}` };
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null; // vitest ended before it could write.
  }
}

function count(results, failure) {
  const tests = (results?.testResults ?? []).flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === "passed").length;
  const failed = tests.filter((test) => test.status === "failed").length;
  const skipped = tests.filter((test) => !["passed", "failed"].includes(test.status)).map((test) => test.fullName);
  // A file that cannot be loaded, an unhandled error or a time-out fails the suite without a failed test.
  return { passed, failed: failure !== null && failed === 0 ? 1 : failed, skipped };
}
