import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";
import { readmeTypeErrors } from "../../../test-support/readme-types.js";

const folder = new URL("..", import.meta.url);

it("has an example that prints what the README says", () => {
  const example = runReadmeExample(folder);
  expect(example.stdout).toBe(example.expected);
});

it("has an example with right types", () => {
  expect(readmeTypeErrors(folder)).toEqual([]);
});
