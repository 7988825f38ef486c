import { describe, expect, test } from "vitest";
import { readmeBlocks } from "../readme-blocks.js";

const lines = (...all: string[]): string => all.join("\n");
const example = ["```ts", "first();", "```"];

describe("the example of a README", () => {
  test("is its first ts block, with the text block after it", () => {
    const readme = lines(
      "# Title",
      "```sh",
      "npm i",
      "```",
      ...example,
      "prints",
      "```text",
      "a",
      "",
      "b",
      "```",
      "end",
    );
    expect(readmeBlocks(readme, "README.md")).toEqual({ code: "first();\n", expected: "a\n\nb\n" });
  });

  test("may stand in a file with Windows line ends", () => {
    const readme = [...example, "```text", "a", "```"].join("\r\n");
    expect(readmeBlocks(readme, "README.md")).toEqual({ code: "first();\n", expected: "a\n" });
  });

  test("must be there", () => {
    const readme = lines("```text", "a", "```");
    expect(() => readmeBlocks(readme, "x/README.md")).toThrow("x/README.md: expected a ```ts block");
  });

  test("must say what it prints", () => {
    expect(() => readmeBlocks(lines(...example), "x/README.md")).toThrow("x/README.md: expected a ```text block");
  });

  test("does not take the output of another example for its own", () => {
    const readme = lines(...example, "```ts", "second();", "```", "```text", "second", "```");
    expect(() => readmeBlocks(readme, "README.md")).toThrow("expected a ```text block");
  });
});
