import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";
import { SERVER_METRICS } from "../src/index.js";

const folder = new URL("..", import.meta.url);
const readme = readFileSync(new URL("README.md", folder), "utf8");

it("has an example that prints what the README says", () => {
  const example = runReadmeExample(folder);
  expect(example.stdout).toBe(example.expected);
});

it("has a line for every metric, as it is written here", () => {
  const lines = SERVER_METRICS.map(
    ({ name, kind, unit, label, help }) => `${name} ${kind} ${unit} ${label ?? ""} ${help}`,
  );
  const rows = readme.matchAll(/^\| `(\w+)` *\| (\w+) *\| `([^`]+)` *\| (?:`(\w+)`)? *\| (.+?) *\|$/gm);
  expect(
    [...rows].map(([, name, kind, unit, label, help]) => `${name} ${kind} ${unit} ${label ?? ""} ${help}`),
  ).toEqual(lines);
});

it("has a line for every code of a MetricsError", () => {
  const source = readFileSync(new URL("src/errors.ts", folder), "utf8");
  const codes = [.../type MetricsErrorCode =([^;]+);/.exec(source)![1]!.matchAll(/"(ERR_\w+)"/g)].map(
    ([, code]) => code,
  );
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !readme.includes(`| \`${code}\``))).toEqual([]);
});
