import { writeFileSync } from "node:fs";
import type { TestArguments } from "../arguments.js";
import type { TestResult } from "../result.js";
import { TestError } from "../test-error.js";
import type { Recording } from "./recording.js";

/**
 * Writes the page that `--report` asks for.
 *
 * @throws TestError `ERR_REPORT_WRITE`
 */
export async function writeReport(options: TestArguments, result: TestResult, recording: Recording): Promise<void> {
  const { report: file, quiet, json, ...settings } = options;
  if (file === undefined) return;
  // Loaded only here: the library for charts is larger than everything else.
  const { reportPage } = await import("./page.js");
  // Which one "auto" has chosen is known by now.
  const backend = settings.backend === "auto" ? `${result.backend} (auto)` : settings.backend;
  const rows = Object.entries({ ...settings, backend })
    .filter(([, value]) => value !== Number.POSITIVE_INFINITY)
    .map(([name, value]) => [name, String(value)] as const);
  try {
    writeFileSync(file, reportPage(result, recording, new Map(rows)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TestError("ERR_REPORT_WRITE", `report: expected to write ${file}, got ${code}`, { cause: error });
  }
  if (!quiet && !json) console.log(`Report: ${file}`);
}
