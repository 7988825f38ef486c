import Table from "cli-table3";
import type { Finding } from "./finding.js";
import type { Row, Verdict } from "./verdict.js";

const HEAD = ["case", "figure", "bound", "measured", "node:net"];

/** The table for a terminal. */
export function formatTable(verdicts: readonly Verdict[]): string {
  return forTerminal(HEAD, lines(verdicts));
}

/** The same in Markdown. */
export function formatMarkdown(verdicts: readonly Verdict[]): string {
  return inMarkdown(HEAD, lines(verdicts));
}

/** Figures that nobody is compared in. */
export function formatFindings(findings: readonly Finding[], where: "terminal" | "markdown"): string {
  const format = where === "terminal" ? forTerminal : inMarkdown;
  return format(
    ["figure", "bound", "measured"],
    findings.map((finding) => [finding.what, finding.bound, ours(finding)]),
  );
}

function forTerminal(head: string[], rows: readonly string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

/** With columns of one width, as the formatter wants them. */
function inMarkdown(head: readonly string[], rows: readonly string[][]): string {
  const all = [head, ...rows.map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")))];
  const widths = head.map((_, column) => Math.max(3, ...all.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(head), line(rule), ...all.slice(1).map(line)].join("\n");
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

function ours({ measured, holds }: Finding): string {
  return holds ? measured : `${measured} (FAILED)`;
}

function others({ other }: Row): string {
  if (other === null) return "–";
  return other.holds ? other.measured : `${other.measured} (fails the bound)`;
}
