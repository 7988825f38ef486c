import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guides } from "./markdown-files.js";

const packages = new URL("../../packages/", import.meta.url);

/** What others may say, and no error of ours has. */
const OF_OTHERS = ["ERR_ACCESS_DENIED", "ERR_DLOPEN_DISABLED", "ERR_OSSL_BAD_DECRYPT", "ERR_STREAM_PREMATURE_CLOSE"];

/** Every code that stands in the sources of the packages, or in what the build puts before them. */
function codesInSources(): string[] {
  const built = readFileSync(new URL("../tsup.config.ts", packages), "utf8");
  const sources = readdirSync(packages).flatMap((name) => {
    const source = new URL(`${name}/src/`, packages);
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    return files.map((file) => readFileSync(new URL(file, source), "utf8"));
  });
  const codes = [built, ...sources].flatMap((text) => [...text.matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code!));
  return [...new Set(codes)].filter((code) => !OF_OTHERS.includes(code)).sort();
}

describe("docs/errors.md", () => {
  const { text } = guides.find(({ path }) => path === "docs/errors.md")!;
  const documented = [...text.matchAll(/^\| `(ERR_\w+)`/gm)].map(([, code]) => code!);

  it("has a line for every code that a package throws", () => {
    const codes = codesInSources();
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !documented.includes(code))).toEqual([]);
  });

  it("has no line for a code that nobody throws, and none twice", () => {
    const codes = codesInSources();
    expect(documented.filter((code) => !codes.includes(code))).toEqual([]);
    expect(documented).toEqual([...new Set(documented)]);
  });
});
