import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";

const app = new URL("..", import.meta.url);
const readme = new URL("../../../README.md", import.meta.url);

it("runs the example of the project's README, which prints what the README says", () => {
  const { stdout, expected } = runReadmeExample(app, { readme });
  expect(stdout).toBe(expected);
});
