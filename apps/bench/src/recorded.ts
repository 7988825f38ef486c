import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appRoot } from "./app-root.js";

/** By case, then by server: CPU time per message, divided by that of C. */
export type Ratios = Record<string, Record<string, number>>;

/** What was measured when the guard was last set, and where. */
export interface Recorded {
  readonly machine: string;
  /** A share of the recorded ratio: 0.3 lets a ratio of 1.0 grow to 1.3. */
  readonly margin: number;
  readonly ratios: Ratios;
}

export const recordedFile: string = join(appRoot, "recorded.json");

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(recordedFile, "utf8")) as Recorded;
}

export interface Comparison {
  /** One for each recorded ratio. */
  readonly lines: readonly string[];
  /** Those beyond the margin, as "case server". */
  readonly slower: readonly string[];
  /** Those that were recorded but not measured although they run here, as "case server". */
  readonly missing: readonly string[];
}

/** @param skipped why a server does not run here, by its name: it need not be measured */
export function compareWithRecorded(
  measured: Ratios,
  { margin, ratios }: Recorded,
  skipped: ReadonlyMap<string, string> = new Map(),
): Comparison {
  const lines: string[] = [];
  const slower: string[] = [];
  const missing: string[] = [];
  for (const [benchCase, servers] of Object.entries(ratios)) {
    for (const [server, before] of Object.entries(servers)) {
      const now = measured[benchCase]?.[server];
      const name = `${benchCase} ${server}`;
      if (now === undefined) {
        const reason = skipped.get(server);
        if (reason === undefined) missing.push(name);
        const why = reason === undefined ? "not measured" : `skipped, ${reason}`;
        lines.push(`  ${name}: ${why} (recorded ${before.toFixed(2)})`);
        continue;
      }
      const tooSlow = now > before * (1 + margin);
      if (tooSlow) slower.push(name);
      lines.push(`  ${name}: ${now.toFixed(2)} (recorded ${before.toFixed(2)})${tooSlow ? " SLOWER" : ""}`);
    }
  }
  return { lines, slower, missing };
}
