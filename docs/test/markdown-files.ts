import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FencedBlock, fencedBlocks } from "../../test-support/fenced-blocks.js";

const root = new URL("../../", import.meta.url);

/** The folder of the guides. All packages can be imported from there. */
export const docsFolder: string = fileURLToPath(new URL("docs", root));

/** A Markdown file that people read, by its path from the top folder. */
export interface MarkdownFile {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly FencedBlock[];
}

/** The guides. */
export const guides: readonly MarkdownFile[] = readdirSync(new URL("docs", root))
  .filter((name) => name.endsWith(".md"))
  .map((name) => markdownFile(`docs/${name}`));

/** The project's README, and that of every package, app and example. */
export const readmes: readonly MarkdownFile[] = [
  markdownFile("README.md"),
  ...["packages", "apps", "examples"].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .map((name) => `${folder}/${name}/README.md`)
      .filter((path) => existsSync(new URL(path, root)))
      .map(markdownFile),
  ),
];

/** What people read besides: the list of examples, and how the project is built, changed and kept safe. */
export const pages: readonly MarkdownFile[] = [
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "examples/README.md",
].map(markdownFile);

function markdownFile(path: string): MarkdownFile {
  const text = readFileSync(new URL(path, root), "utf8");
  return { path, text, blocks: fencedBlocks(text) };
}
