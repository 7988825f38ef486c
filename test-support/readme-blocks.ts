import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fencedBlocks } from "./fenced-blocks.js";

/** The code of a README's first example, and what the README says it prints. */
export interface ReadmeBlocks {
  code: string;
  expected: string;
}

/** A README's example with the places it belongs to. */
export interface ReadmeFile extends ReadmeBlocks {
  /** The README. */
  file: string;
  /** The folder from which the example's imports resolve. */
  folder: string;
}

/**
 * Reads the example of `folder`'s README.
 *
 * @param readme the file, if it is not `README.md` in the folder
 * @throws Error if there is no such file, or a block is missing
 */
export function readReadme(folder: string | URL, readme?: string | URL): ReadmeFile {
  const from = path(folder);
  const file = path(readme ?? join(from, "README.md"));
  return { ...readmeBlocks(readFileSync(file, "utf8"), file), file, folder: from };
}

function path(place: string | URL): string {
  return place instanceof URL ? fileURLToPath(place) : place;
}

/**
 * Finds the first ```` ```ts ```` block of a Markdown text and the ```` ```text ```` block that belongs to it: the first
 * one before the next ```` ```ts ```` block.
 *
 * @param name what errors call the text, such as its path
 * @throws Error if either block is missing
 */
export function readmeBlocks(markdown: string, name: string): ReadmeBlocks {
  const blocks = fencedBlocks(markdown);
  const example = blocks.findIndex((block) => block.language === "ts");
  if (example < 0) throw new Error(`${name}: expected a \`\`\`ts block with an example, got none`);

  const rest = blocks.slice(example + 1);
  const next = rest.findIndex((block) => block.language === "ts");
  const output = (next < 0 ? rest : rest.slice(0, next)).find((block) => block.language === "text");
  if (output === undefined) throw new Error(`${name}: expected a \`\`\`text block after its first example, got none`);

  return { code: blocks[example]!.text, expected: output.text };
}
