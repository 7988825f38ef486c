import { expect, test } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";

test("the README's example prints what the README says", () => {
  const example = runReadmeExample(new URL("..", import.meta.url));
  expect(example.stdout).toBe(example.expected);
});
