import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";

const folder = new URL("..", import.meta.url);

it("has an example that prints what the README says", () => {
  const example = runReadmeExample(folder);
  expect(example.stdout).toBe(example.expected);
});
