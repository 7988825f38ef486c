import type { ServerEvent } from "./events.js";
import { textLine } from "./text-lines.js";

/** What writes each event as a line, of text or of JSON. */
export async function eventLines(json: boolean, write: (line: string) => void): Promise<(event: ServerEvent) => void> {
  if (!json) return (event) => write(textLine(event));
  // Loaded only here: the library for logs takes longer to load than everything else takes to start.
  const { jsonLines } = await import("./json-lines.js");
  return jsonLines(write);
}
