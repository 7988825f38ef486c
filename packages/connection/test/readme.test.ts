import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";
import { runProgram } from "./run-program.js";

const folder = new URL("..", import.meta.url);

it("has an example that prints what the README says", () => {
  const example = runReadmeExample(folder);
  expect(example.stdout).toBe(example.expected);
});

it("has an example of workers that prints what the README says", async () => {
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  const section = readme.slice(readme.indexOf("## Workers"), readme.indexOf("## Watching"));
  const modules = [...section.matchAll(/`([\w.]+)`\n\n```js\n(.*?)```/gs)].map(([, name, code]) => [name!, code!]);
  const { "main.js": main, "server.js": server } = Object.fromEntries(modules) as Record<string, string>;
  // In a folder without a package.json a module says by its name that it is one.
  const program = main!.replace("./server.js", "./server.mjs");
  expect(await runProgram(program, { modules: { "server.mjs": server! } })).toBe(
    /```text\n(.*?)```/s.exec(section)![1],
  );
});

it("has a line for every code of a ConnectionError", () => {
  const source = readFileSync(new URL("src/errors.ts", folder), "utf8");
  const union = /type ConnectionErrorCode =([^;]+);/.exec(source)![1]!;
  const codes = [...union.matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code!);
  const readme = readFileSync(new URL("README.md", folder), "utf8");
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !readme.includes(`| \`${code}\``))).toEqual([]);
});
