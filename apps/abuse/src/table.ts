import Table from "cli-table3";
import type { Row, Verdict } from "./verdict.js";

const HEAD = ["case", "figure", "bound", "measured", "node:net"];

/** The table for a terminal. */
export function formatTable(verdicts: readonly Verdict[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  table.push(...lines(verdicts));
  return table.toString();
}

/** The same in Markdown. */
export function formatMarkdown(verdicts: readonly Verdict[]): string {
  const rows = lines(verdicts).map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The name of a case stands in the first of its lines only. */
function lines(verdicts: readonly Verdict[]): string[][] {
  return verdicts.flatMap((verdict) => {
    const rows = verdict.rows.map((row) => [row.what, row.bound, ours(row), others(row)]);
    if (verdict.failure !== null || verdict.otherFailure !== null) {
      rows.push([
        "carried through",
        "yes",
        verdict.failure === null ? "yes" : `no: ${verdict.failure} (FAILED)`,
        verdict.otherFailure === null ? "yes" : `no: ${verdict.otherFailure} (fails the bound)`,
      ]);
    }
    return rows.map((cells, index) => [index === 0 ? verdict.name : "", ...cells]);
  });
}

function ours({ measured, holds }: Row): string {
  return holds ? measured : `${measured} (FAILED)`;
}

function others({ other }: Row): string {
  if (other === null) return "–";
  return other.holds ? other.measured : `${other.measured} (fails the bound)`;
}
