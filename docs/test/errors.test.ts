import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guides, type MarkdownFile, readmes } from "./markdown-files.js";

const packages = new URL("../../packages/", import.meta.url);
const names = readdirSync(packages);

/** What others may say, and no error of ours has. */
const OF_OTHERS = ["ERR_ACCESS_DENIED", "ERR_DLOPEN_DISABLED", "ERR_OSSL_BAD_DECRYPT"];

/** Every code that stands in the sources of a package. */
function codesInSources(name: string): string[] {
  const source = new URL(`${name}/src/`, packages);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return codesIn(files.map((file) => readFileSync(new URL(file, source), "utf8")));
}

function codesIn(texts: readonly string[]): string[] {
  const codes = texts.flatMap((text) => [...text.matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code!));
  return [...new Set(codes)].filter((code) => !OF_OTHERS.includes(code)).sort();
}

/** The codes in the part of a README about errors: ours, and those of the system. */
function codesInReadme({ text }: MarkdownFile): string[] {
  const part = /^## Errors$(.*?)(?=^## |$(?![\s\S]))/ms.exec(text)![1]!;
  return [...part.matchAll(/`(E[A-Z0-9_]{3,})`/g)].map(([, code]) => code!);
}

const guide = guides.find(({ path }) => path === "docs/errors.md")!;
const rows = guide.text.split("\n").filter((line) => /^\| `E/.test(line));
const documented = rows.flatMap((row) => row.split("|")[1]!.match(/E[A-Z0-9_]+/g)!);

describe("docs/errors.md", () => {
  /** What the build puts before the sources of packages. */
  const built = codesIn([readFileSync(new URL("../tsup.config.ts", packages), "utf8")]);
  const codes = [...new Set([...built, ...names.flatMap(codesInSources)])];

  it("has a line for every code that a package throws", () => {
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !documented.includes(code))).toEqual([]);
  });

  it("has no line for a code that nobody throws, and none twice", () => {
    expect(documented.filter((code) => code.startsWith("ERR_") && !codes.includes(code))).toEqual([]);
    expect(documented).toEqual([...new Set(documented)]);
  });

  it("says when, and what to do, in each line", () => {
    const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
    expect(cells.filter(([, , when, action]) => !when || !action || /^as above/.test(action))).toEqual([]);
  });
});

describe("the README of a package", () => {
  const readmeOf = (name: string) => readmes.find(({ path }) => path === `packages/${name}/README.md`)!;

  it.each(names)("lists every code that its sources can throw: %s", (name) => {
    const listed = codesInReadme(readmeOf(name));
    expect(codesInSources(name).filter((code) => !listed.includes(code))).toEqual([]);
  });

  it.each(names)("lists no code that docs/errors.md lacks: %s", (name) => {
    expect(codesInReadme(readmeOf(name)).filter((code) => !documented.includes(code))).toEqual([]);
  });
});
