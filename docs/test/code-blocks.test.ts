import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runExample } from "../../test-support/readme-example.js";
import { typeErrors } from "../../test-support/readme-types.js";
import { docsFolder, guides, type MarkdownFile, readmes } from "./markdown-files.js";

/** A block as a module: what it takes for granted stands before its code. */
interface Example {
  readonly title: string;
  readonly code: string;
  /** The line in the Markdown file of the module's first line. */
  readonly firstLine: number;
  /** What the next block says that it prints. */
  readonly prints: string | null;
}

function examplesOf({ path, blocks }: MarkdownFile): Example[] {
  return blocks.flatMap(({ language, text, line, given }, index) => {
    if (language !== "ts") return [];
    const before = given === "" ? "" : `${given}\n`;
    const next = blocks[index + 1];
    return {
      title: `${path}:${line}`,
      code: before + text,
      firstLine: line - before.split("\n").length + 1,
      prints: next?.language === "text" ? next.text : null,
    };
  });
}

describe("the code of guides and READMEs", () => {
  const examples = [...guides, ...readmes].flatMap(examplesOf);

  it("has right types", () => {
    expect(examples.length).toBeGreaterThan(30);
    const byFile = new Map(examples.map((example, index) => [join(docsFolder, `block-${index}.mts`), example]));
    const modules = new Map([...byFile].map(([file, { code }]) => [file, code]));
    const found = typeErrors(modules).map(({ file, line, message }) => {
      const example = byFile.get(file);
      return example === undefined ? message : `${example.title}, line ${example.firstLine + line - 1}: ${message}`;
    });
    expect(found).toEqual([]);
  });
});

describe("a guide's program", () => {
  const programs = guides.flatMap(examplesOf).filter(({ prints }) => prints !== null);

  it.each(programs)("prints what the guide says: $title", ({ title, code, prints }) => {
    expect(runExample(code, docsFolder, title)).toBe(prints);
  });
});
