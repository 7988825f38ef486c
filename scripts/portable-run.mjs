import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";

/** For one test, as in the packages' vitest configurations. */
const TEST_LIMIT_MS = 90_000;
/** For a file's process, which is killed then. */
const FILE_LIMIT_MS = 240_000;

/**
 * Runs test files, each in a process of its own, some at once.
 *
 * @param {Runtime} runtime
 * @param {string} folder where `layOutTests` put them
 * @param {string} main the program that it gave
 * @param {TestFile[]} files
 * @param {(run: FileRun) => void} onFile called as each has ended
 * @returns {Promise<FileRun[]>}
 *
 * @typedef {{ command: string[], env?: Record<string, string>, atOnce?: number }} Runtime `command` is put before the program
 * @typedef {{ package: string, file: string, leftOut: string[] }} TestFile `leftOut` has a pattern of names, or nothing
 * @typedef {{ name: string[], state: "passed" | "failed" | "skipped", ms: number, errors: string[] }} Test
 * @typedef {TestFile & { seconds: number, tests: Test[], unsteady?: string[] }} FileRun what failed without being a test is
 *   among the tests; `unsteady` are those that passed only when the file ran again
 */
export async function runPortable(runtime, folder, main, files, onFile) {
  const waiting = [...files];
  const runs = [];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const fileRun = await runFileTwice(runtime, folder, main, file);
      runs.push(fileRun);
      onFile(fileRun);
    }
  };
  await Promise.all(Array.from({ length: runtime.atOnce ?? 2 }, work));
  return runs;
}

/** On a machine that others use, too, a test may miss its time: a file that fails runs once more. */
async function runFileTwice(runtime, folder, main, file) {
  const failures = ({ tests }) => tests.filter(({ state }) => state === "failed").map(({ name }) => name.join(" > "));
  const first = await runFile(runtime, folder, main, file);
  if (failures(first).length === 0) return first;
  const second = await runFile(runtime, folder, main, file);
  return failures(second).length > 0 ? second : { ...second, unsteady: failures(first) };
}

async function runFile({ command: [program, ...args], env }, folder, main, file) {
  const test = join("packages", file.package, file.file.replace(/\.ts$/, ".js"));
  const base = join("results", `${file.package}-${file.file.replace(/\W/g, "-")}`);
  mkdirSync(join(folder, "results"), { recursive: true });
  rmSync(join(folder, `${base}.events`), { force: true });

  const start = performance.now();
  const { failure, output } = await run(
    program,
    [...args, main, test, `${base}.events`, String(TEST_LIMIT_MS), ...file.leftOut],
    {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", P2PNET_TESTS: "all", ...env },
      limitMs: FILE_LIMIT_MS,
      outputFile: join(folder, `${base}.output`),
    },
  );
  const seconds = (performance.now() - start) / 1000;
  return { ...file, seconds, tests: testsOf(readEvents(join(folder, `${base}.events`)), failure, output) };
}

function readEvents(path) {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** The tests, and a failure for each error that was no test's. */
function testsOf(events, failure, output) {
  const tests = events.filter(({ type }) => type === "test");
  const failed = (name, errors) => tests.push({ name, state: "failed", ms: 0, errors });
  for (const { name, errors } of events.filter(({ type }) => type === "error")) failed(name, errors);

  const ended = events.some(({ type }) => type === "end");
  if (ended && failure === null) return tests;
  const lastLines = output.trimEnd().split("\n").slice(-30).join("\n");
  const running = events.findLast(({ type }) => type === "start")?.name;
  const cut = running !== undefined && !tests.some(({ name }) => name.join() === running.join());
  const name = ended ? ["the process after its last test"] : cut ? running : ["the process"];
  failed(name, [failure ?? "expected it to run all its tests, got an early end", lastLines]);
  return tests;
}

/** How many of the tests have each state. @param {FileRun[]} runs */
export function count(runs) {
  const of = (state) => runs.flatMap(({ tests }) => tests).filter((test) => test.state === state).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

/** A line for a file, and what each of its failures said. @param {FileRun} run */
export function describeRun(run) {
  const { passed, failed, skipped } = count([run]);
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  const title = `${run.package}/${run.file}`.padEnd(58);
  const failures = run.tests
    .filter(({ state }) => state === "failed")
    .map(({ name, errors }) => `  FAILED ${name.join(" > ")}\n${indent(errors.join("\n"))}`);
  const unsteady = unsteadyTests(run).map((line) => `  ${line}`);
  return [
    `${title} ${run.seconds.toFixed(1).padStart(5)} s  ${counts.filter(Boolean).join(", ")}`,
    ...failures,
    ...unsteady,
  ].join("\n");
}

/** A line for each test that passed only when its file ran again. @param {FileRun} run */
export function unsteadyTests({ package: name, file, unsteady = [] }) {
  return unsteady.map((test) => `unsteady, passed when run again: ${name}/${file}: ${test}`);
}

const indent = (text) => text.replaceAll(/^/gm, "    ");
