import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appRoot } from "./child.js";
import { AbuseError } from "./errors.js";

export const reliabilityPage: string = join(appRoot, "..", "..", "docs", "reliability.md");

/** Puts `text` between the markers of that name, in place of what stood there. @throws AbuseError `ERR_MARKERS` */
export function replaceBetweenMarkers(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new AbuseError("ERR_MARKERS", `docs/reliability.md: expected ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** Writes a measured part of docs/reliability.md anew. */
export function record(name: "abuse" | "soak", text: string): void {
  writeFileSync(reliabilityPage, replaceBetweenMarkers(readFileSync(reliabilityPage, "utf8"), name, text));
}
