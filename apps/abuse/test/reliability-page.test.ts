import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CASES } from "../src/cases/index.js";
import { reliabilityPage, replaceBetweenMarkers } from "../src/reliability-page.js";

const page = "before\n\n<!-- abuse: begin -->\n\nold\n\n<!-- abuse: end -->\n\nafter\n";

test("what was measured replaces what stood between its markers, and nothing else", () => {
  expect(replaceBetweenMarkers(page, "abuse", "new\n")).toBe(page.replace("old", "new"));
});

test("a page without the markers is left alone", () => {
  expect(() => replaceBetweenMarkers(page, "soak", "new")).toThrow(expect.objectContaining({ code: "ERR_MARKERS" }));
});

test("docs/reliability.md has a place for each table, and figures of every case", () => {
  const text = readFileSync(reliabilityPage, "utf8");
  for (const name of ["abuse", "soak"]) expect(replaceBetweenMarkers(text, name, "")).not.toBe(text);
  for (const { name } of CASES) expect(text).toContain(`| ${name} `);
});
