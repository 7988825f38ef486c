import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runReadmeExample } from "../../../test-support/readme-example.js";
import { nameUnless, noUnixSockets } from "./capabilities.js";

const folder = new URL("..", import.meta.url);
const sections = mkdtempSync(join(tmpdir(), "p2pnet-"));
afterAll(() => rmSync(sections, { recursive: true }));

const examples: [section: string, reason: string | null][] = [
  ["Example", null],
  ["UDP", null],
  ["Unix sockets", noUnixSockets],
];
for (const [section, reason] of examples) {
  describe.skipIf(reason)(nameUnless(reason, `the README's section "${section}"`), () => {
    const [, text] = readFileSync(new URL("README.md", folder), "utf8").split(`\n## ${section}\n`);
    const readme = join(sections, `${section}.md`);
    writeFileSync(readme, text!);

    it("has an example that prints what it says", () => {
      const example = runReadmeExample(folder, { readme });
      expect(example.stdout).toBe(example.expected);
    });
  });
}
