import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { docsFolder, guides, pages, readmes } from "./markdown-files.js";

const root = dirname(docsFolder);

/** The anchors that a Markdown text has, as GitHub makes them of its headings. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ +(.*)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("links of guides, READMEs and other pages", () => {
  it.each([...guides, ...readmes, ...pages])("lead somewhere: $path", ({ path, text }) => {
    const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
    const links = [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link!);
    const broken = links.filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? join(root, path) : join(root, dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe("docs/README.md", () => {
  const index = guides.find(({ path }) => path === "docs/README.md")!;

  it.each(guides.filter((guide) => guide !== index))("lists $path", ({ path }) => {
    expect(index.text).toContain(`](${path.replace("docs/", "")})`);
  });
});
