import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { builtApp } from "./app-root.js";
import { startChild, stopChild } from "./children.js";
import { type ClientReport, parseClientReport } from "./client-report.js";
import { BenchError } from "./errors.js";

/** Runs apps/concurrent-test and returns its report, also when not every message came back: the report says so. */
export async function runClients(args: readonly string[]): Promise<ClientReport> {
  const program = builtApp("concurrent-test");
  if (!existsSync(program)) throw new BenchError("ERR_CLIENTS", "concurrent-test: expected it to be built, it is not");
  const child = startChild(process.execPath, [program, ...args, "--json", "--quiet"]);
  try {
    const closed = once(child, "close");
    const [output, complaint] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
    await closed;
    if (output.trim() === "") {
      throw new BenchError("ERR_CLIENTS", complaint.trim().split("\n")[0] || "concurrent-test: printed no report");
    }
    return parseClientReport(output);
  } finally {
    await stopChild(child);
  }
}
