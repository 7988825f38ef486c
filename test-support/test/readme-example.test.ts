import { describe, expect, test } from "vitest";
import { runReadmeExample } from "../readme-example.js";
import { readmeTypeErrors } from "../readme-types.js";

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

describe("type-checking a README's example", () => {
  test("finds nothing in a right one", () => {
    expect(readmeTypeErrors(greeting)).toEqual([]);
  });

  test("tells the line of a wrong argument", () => {
    expect(readmeTypeErrors(greeting, { readme: file("wrong-type.md") })).toEqual([
      "2: Argument of type 'number' is not assignable to parameter of type 'string'.",
    ]);
  });
});
