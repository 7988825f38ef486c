import { expect, it } from "vitest";
import { vectors } from "./vectors.js";

/** The published vectors that tests here run, and how many cases each file has at least. */
const FILES: [string, number][] = [
  ["noise-25519-chachapoly.json", 100],
  ["wycheproof-chacha20_poly1305.json", 300],
  ["wycheproof-ed25519.json", 140],
  ["wycheproof-x25519.json", 500],
];

for (const [name, least] of FILES) {
  const file = vectors<{ vectors?: unknown[]; testGroups?: { tests: unknown[] }[] }>(name);
  it.skipIf(file === null)(`the cases of ${name} are run (needs ../shared/vectors beside the repository)`, () => {
    const cases = file!.vectors ?? file!.testGroups!.flatMap(({ tests }) => tests);
    expect(cases.length).toBeGreaterThanOrEqual(least);
  });
}
