import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const source = new URL("../src/", import.meta.url);

/** The modules that an entry pulls in, with their text, and what they import from outside the package. */
function graph(entry: string): { files: Map<string, string>; outside: string[] } {
  const files = new Map<string, string>();
  const outside: string[] = [];
  const visit = (file: string): void => {
    if (files.has(file)) return;
    const text = readFileSync(new URL(file, source), "utf8");
    files.set(file, text);
    for (const [, name] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)) {
      if (name!.startsWith("./")) visit(name!.slice(2).replace(/\.js$/, ".ts"));
      else outside.push(name!);
    }
  };
  visit(entry);
  return { files, outside };
}

test("the core imports nothing from outside and names nothing that only Node has", () => {
  const { files, outside } = graph("index.ts");
  expect(files.has("decoder.ts") && files.has("web-streams.ts")).toBe(true);
  expect(outside).toEqual([]);
  for (const [file, text] of files) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    expect(code.match(/\b(Buffer|process|global|require|__dirname|setImmediate)\b/g), file).toBeNull();
  }
});

test("the Node entry adds node:stream and nothing else", () => {
  expect(graph("node.ts").outside).toEqual(["node:stream"]);
});
