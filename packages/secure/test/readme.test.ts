import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";

const folder = new URL("..", import.meta.url);

it("has an example that prints what the README says", () => {
  const example = runReadmeExample(folder);
  expect(example.stdout).toBe(example.expected);
});

it("has a line for every code of an error", () => {
  const codes = readFileSync(new URL("src/errors.ts", folder), "utf8").match(/(?<=\| ")ERR_\w+/g)!;
  const lines = readFileSync(new URL("README.md", folder), "utf8").match(/(?<=^\| `)ERR_\w+/gm);
  expect(lines).toEqual(codes);
});
