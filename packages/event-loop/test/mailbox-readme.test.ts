import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { ProgramFolder } from "./contract/program-folder.js";
import { runProgram } from "./contract/run-program.js";

it("has an example of workers that prints what the README says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const section = readme.slice(readme.indexOf("## Workers and other threads"), readme.indexOf("## API"));
  const modules = [...section.matchAll(/`([\w.]+)`\n\n```js\n(.*?)```/gs)].map(([, name, code]) => [name!, code!]);
  const expected = /```text\n(.*?)```/s.exec(section)![1];
  const folder = new ProgramFolder(Object.fromEntries(modules));
  onTestFinished(() => folder.remove());
  const { stdout, stderr, code } = await runProgram(folder, "main.js");
  expect({ stdout, stderr, code }).toEqual({ stdout: expected, stderr: "", code: 0 });
});
