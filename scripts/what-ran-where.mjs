/**
 * Tests of a package that ran somewhere.
 *
 * @typedef {{ where: string, package: string, tests: Test[] }} Run `where` is a system, a runtime and its version
 * @typedef {{ name: string[], state: "passed" | "failed" | "skipped" }} Test
 */

/** The contracts: the title of their outermost suite says of what. All tests of the other packages are one row. */
const CONTRACTS = {
  socket: /^a (non-)?blocking \w+ socket/,
  "event-loop": /^\w+, (nested|second|driven|parked|blocking)$/,
  connection: /^a connection over /,
};
const WHOLE_PACKAGES = ["framing", "stream", "sys", "metrics"];

/** Systems that the public workflow runs on, or nobody yet, unless a run says otherwise. */
const ELSEWHERE = [
  { where: /^Linux arm64/, line: "Linux arm64: no such machine here; the public workflow runs it" },
  { where: /^macOS/, line: "macOS: no such machine here; the public workflow runs it" },
  { where: /^FreeBSD/, line: "FreeBSD: no such machine here, nor in the public workflow" },
  {
    where: /^Windows (?!.*wine)/,
    line: "Windows itself, without Wine: no such machine here; the public workflow runs it",
  },
];

/** The system that this program runs on. */
export function thisSystem() {
  const names = { linux: "Linux", darwin: "macOS", freebsd: "FreeBSD", win32: "Windows" };
  return `${names[process.platform] ?? process.platform} ${process.arch}`;
}

/** A table of how many tests passed: a row for each subject of a contract, a column for each place. @param {Run[]} runs */
export function whatRanWhere(runs) {
  const places = [...new Set(runs.map(({ where }) => where))];
  if (places.length === 0) return "";
  const counts = countRows(runs);
  const width = Math.max(...[...counts.keys()].map((row) => row.length));
  const letters = places.map((_, index) => String.fromCharCode(65 + index));
  const line = (title, cells) => `${title.padEnd(width)}${cells.map((cell) => cell.padStart(7)).join("")}`.trimEnd();
  return [
    ...places.map((place, index) => `${letters[index]}  ${place}`),
    "",
    line("tests passed", letters),
    ...[...counts].map(([row, at]) =>
      line(
        row,
        places.map((place) => cell(at.get(place))),
      ),
    ),
  ].join("\n");
}

function countRows(runs) {
  const rows = new Map();
  for (const { where, package: name, tests } of runs) {
    for (const test of tests) {
      const row = rowOf(name, test);
      if (row === null) continue;
      if (!rows.has(row)) rows.set(row, new Map());
      const at = rows.get(row);
      if (!at.has(where)) at.set(where, { passed: 0, failed: 0, skipped: 0 });
      at.get(where)[test.state] += 1;
    }
  }
  return new Map(
    [...rows].filter(([, at]) => [...at.values()].some(({ passed, failed }) => passed + failed > 0)).toSorted(),
  );
}

function rowOf(name, { name: [title] }) {
  if (WHOLE_PACKAGES.includes(name)) return `${name}: all`;
  return CONTRACTS[name]?.test(title) ? `${name}: ${title}` : null;
}

/** "-" where nothing of the row ran. */
function cell(count) {
  if (count === undefined || count.passed + count.failed === 0) return "-";
  return count.failed === 0 ? String(count.passed) : `${count.passed}/${count.failed}!`;
}

/**
 * Lines that name what was skipped: tests by their outermost suite, whose title may say why, and systems.
 *
 * @param {Run[]} runs
 */
export function whatDidNotRun(runs) {
  const suites = new Map();
  for (const { where, package: name, tests } of runs) {
    for (const test of tests.filter(({ state }) => state === "skipped")) {
      const suite = `${name}: ${test.name[0]}`;
      if (!suites.has(suite)) suites.set(suite, { names: new Set(), at: new Map() });
      const { names, at } = suites.get(suite);
      names.add(test.name.slice(1).join(" > "));
      at.set(where, (at.get(where) ?? 0) + 1);
    }
  }
  const all = new Set(runs.map(({ where }) => where)).size;
  const lines = [...suites].toSorted().map(([suite, { names, at }]) => {
    const title = names.size === 1 ? `${suite} > ${[...names][0]}` : suite;
    return `${title}: ${at.size === all ? "everywhere" : [...at].map(([where, count]) => `${count} on ${where}`).join(", ")}`;
  });
  const elsewhere = ELSEWHERE.filter(({ where }) => !runs.some((run) => where.test(run.where)));
  return [...lines, ...elsewhere.map(({ line }) => line)];
}
