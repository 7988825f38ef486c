import { testFiles } from "../test-support/portable/lay-out.mjs";

/**
 * What is not run, and why: test files of a package, or the tests of them whose names match.
 *
 * @typedef {{ package?: string, file?: RegExp, tests?: RegExp, why: string }} LeftOut
 */

/** Files whose subject is not what a runtime or a system does. @type {LeftOut[]} */
const UNDER_VITEST_ALONE = [
  { file: /^readme\.test/, why: "reads the README, which is not laid out there" },
  { file: /^probe\.test/, why: "compiles C" },
  { package: "metrics", file: /^opentelemetry\.test/, why: "needs OpenTelemetry's SDK, which is not installed there" },
];

/**
 * The test files of packages that run on any runtime.
 *
 * @param {string[]} packages
 * @param {LeftOut[]} [leftOut] what the caller leaves out
 * @param {string[]} [words] only files whose package and name have one of these
 * @returns {{ files: import("./portable-run.mjs").TestFile[], omitted: string[] }} `omitted` says by name what is left out
 */
export function portableSuites(packages, leftOut = [], words = []) {
  const rules = [...UNDER_VITEST_ALONE, ...leftOut];
  const files = [];
  const omitted = [];
  for (const test of packages.flatMap((name) => testFiles(name).map((file) => ({ package: name, file })))) {
    const path = `${test.package}/${test.file}`;
    if (words.length > 0 && !words.some((word) => path.includes(word))) continue;
    const about = rules.filter((rule) => applies(rule, test));
    const whole = about.find(({ tests }) => tests === undefined);
    if (whole === undefined) files.push({ ...test, leftOut: patternOf(about) });
    omitted.push(...(whole === undefined ? about : [whole]).map((rule) => describeRule(rule, path)));
  }
  return { files, omitted };
}

function applies(rule, test) {
  const base = test.file.replace(/^test[\\/]/, "");
  return (rule.package ?? test.package) === test.package && (rule.file?.test(base) ?? true);
}

function patternOf(rules) {
  return rules.length === 0 ? [] : [rules.map(({ tests }) => tests.source).join("|")];
}

function describeRule({ tests, why }, path) {
  return `${path}${tests === undefined ? "" : `, ${tests.source}`}: ${why}`;
}
