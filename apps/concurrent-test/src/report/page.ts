import { createRequire } from "node:module";
import { failureLines } from "../failure-lines.js";
import { passed, type TestResult, verdict } from "../result.js";
import { resultRows } from "../table.js";
import { histogramChart, lanesChart, percentileChart, throughputChart } from "./charts.js";
import type { Recording } from "./recording.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 960px; margin: 2em auto; padding: 0 1em; }
h1 { margin-bottom: 0; } h2 { margin-top: 2em; }
table { border-collapse: collapse; } td { padding: 2px 24px 2px 0; } td + td { text-align: right; font-variant-numeric: tabular-nums; }
.tables { display: flex; flex-wrap: wrap; gap: 0 64px; } .failed { color: #a00; }
svg { max-width: 100%; height: auto; } pre { white-space: pre-wrap; }`;

/** One page that needs nothing else: no script, no network. @param settings the test's, by their names on the command line */
export function reportPage(result: TestResult, recording: Recording, settings: ReadonlyMap<string, string>): string {
  const failures = failureLines(result);
  const shown = recording.lanes.clients.length;
  const outcome = passed(result)
    ? `<p>${verdict(result)}.</p>`
    : `<p class="failed">It was expected, and is not so: ${verdict(result)}.</p>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>concurrent-test: ${escaped(settings.get("clients") ?? "")} clients</title><style>${STYLE}</style></head>
<body>
<h1>concurrent-test</h1>
${outcome}
<div class="tables">
<section><h2>Result</h2>${table(resultRows(result))}</section>
<section><h2>Settings</h2>${table([...settings, ["Node", process.version], ["concurrent-test", version]])}</section>
</div>
${failures.length === 0 ? "" : `<h2>Failures</h2><pre class="failed">${escaped(failures.join("\n"))}</pre>`}
<h2>Latency: how many messages took how long</h2>
${histogramChart(recording.latency)}
<h2>Latency by percentile</h2>
${percentileChart(recording.latency)}
<h2>Throughput over time</h2>
${throughputChart(recording.sent, recording.received)}
<h2>Clients side by side</h2>
<p>The first ${recording.lanes.spans.length} messages of ${shown} of ${result.clients} clients, each from when it was ${beginOf(result)} to when it was ${endOf(result)}.</p>
${lanesChart(recording.lanes)}
</body>
</html>
`;
}

/** With a rate, a message that could not be sent in time has been waiting since it was due. */
function beginOf({ mode, rate }: TestResult): string {
  if (rate !== null) return "due";
  return mode === "chat" ? "said" : "sent";
}

function endOf({ mode }: TestResult): string {
  return mode === "chat" ? "heard" : "answered";
}

function table(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(value)}</td></tr>`);
  return `<table>${lines.join("")}</table>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
