import type { ServerEvent } from "../src/events.js";
import { jsonLines } from "../src/json-lines.js";

/** The line that an event becomes with `--json`. */
export function jsonLine(event: ServerEvent): string {
  const lines: string[] = [];
  jsonLines((line) => lines.push(line))(event);
  if (lines.length !== 1) throw new Error(`lines: expected 1 per event, got ${lines.length}`);
  return lines[0]!;
}
