import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readReadme } from "../readme-blocks.js";
import { runReadmeExample } from "../readme-example.js";
import { typeErrors } from "../readme-types.js";

const greeting = new URL("fixtures/greeting", import.meta.url);
const file = (name: string): URL => new URL(`fixtures/greeting/${name}`, import.meta.url);

describe("running a README's example", () => {
  test("gives what it printed, and what the README says; the package is found by its own name", () => {
    const example = runReadmeExample(greeting);
    expect(example).toEqual({ stdout: "Hello, Ada\nHello, Grace\n", expected: "Hello, Ada\nHello, Grace\n" });
  });

  test("fails with what the example wrote to stderr", () => {
    expect(() => runReadmeExample(greeting, { readme: file("throws.md") })).toThrow(
      /throws\.md: expected its example to exit with 0, got 1\n(.|\n)*on purpose/,
    );
  });

  test("fails if the example does not end", () => {
    expect(() => runReadmeExample(greeting, { readme: file("never-ends.md"), limitMs: 500 })).toThrow(
      "never-ends.md: expected its example to run and end within 500 ms",
    );
  });

  test("fails if there is no README", () => {
    expect(() => runReadmeExample(greeting, { readme: file("missing.md") })).toThrow("ENOENT");
  });
});

test("type-checking tells the module and the line of a wrong argument, and nothing of a right one", () => {
  const right = readReadme(greeting);
  const wrong = readReadme(greeting, file("wrong-type.md"));
  const [rightFile, wrongFile] = ["right.mts", "wrong.mts"].map((name) => join(right.folder, name)) as [string, string];
  const modules = new Map([
    [rightFile, right.code],
    [wrongFile, wrong.code],
  ]);
  expect(typeErrors(modules)).toEqual([
    {
      file: wrongFile,
      line: 2,
      message: "Argument of type 'number' is not assignable to parameter of type 'string'.",
    },
  ]);
});
