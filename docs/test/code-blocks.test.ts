import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runExample } from "../../test-support/readme-example.js";
import { typeErrors } from "../../test-support/readme-types.js";
import { docsFolder, guides, type MarkdownFile, pages, readmes } from "./markdown-files.js";

/** What a block may be. Another language would stand there unchecked. */
const LANGUAGES = ["ts", "js", "text", "sh", "json", "c"];

/** Of a program: none takes a second, on a machine that has nothing else to do. */
const LIMIT_MS = 20_000;

/** A block as a module: what it takes for granted stands before its code. */
interface Example {
  readonly title: string;
  readonly language: string;
  readonly code: string;
  /** Stands in its surroundings, which a comment above it gives. */
  readonly isFragment: boolean;
  /** The line in the Markdown file of the module's first line. */
  readonly firstLine: number;
  /** What the next block says that it prints; nothing, without one. */
  readonly prints: string;
}

function examplesOf({ path, blocks }: MarkdownFile): Example[] {
  return blocks.flatMap(({ language, text, line, given }, index) => {
    if (language !== "ts" && language !== "js") return [];
    const before = given === "" ? "" : `${given}\n`;
    const next = blocks[index + 1];
    return {
      title: `${path}:${line}`,
      language,
      code: before + text,
      isFragment: given !== "",
      firstLine: line - before.split("\n").length + 1,
      prints: next?.language === "text" ? next.text : "",
    };
  });
}

const examples = [...guides, ...readmes, ...pages].flatMap(examplesOf);

describe("the blocks of guides, READMEs and other pages", () => {
  it.each([...guides, ...readmes, ...pages])("say what they are: $path", ({ text, blocks }) => {
    expect(blocks.filter(({ language }) => !LANGUAGES.includes(language))).toEqual([]);
    // One that is indented or left open would go unseen.
    expect(text.match(/^\s*(```|~~~)/gm) ?? []).toHaveLength(2 * blocks.length);
  });

  it.each(["ts", "js"])("have right types: %s", (language) => {
    const chosen = examples.filter((example) => example.language === language);
    expect(chosen.length).toBeGreaterThan(language === "ts" ? 30 : 3);
    const byFile = new Map(chosen.map((example, index) => [join(docsFolder, `block-${index}.m${language}`), example]));
    const modules = new Map([...byFile].map(([file, { code }]) => [file, code]));
    const found = typeErrors(modules).map(({ file, line, message }) => {
      const example = byFile.get(file);
      return example === undefined ? message : `${example.title}, line ${example.firstLine + line - 1}: ${message}`;
    });
    expect(found).toEqual([]);
  });

  // Those of JavaScript are modules that start each other: the tests of their packages run them.
  const programs = examples.filter(({ language, isFragment }) => language === "ts" && !isFragment);

  it.each(programs)("run, end, and print what the next block says: $title", ({ title, code, prints }) => {
    expect(runExample(code, docsFolder, title, LIMIT_MS)).toBe(prints);
  });
});
