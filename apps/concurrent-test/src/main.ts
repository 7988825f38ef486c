#!/usr/bin/env node
import { EventLoop } from "@p2pnet/event-loop";
import { CommanderError } from "commander";
import { parseArguments, type TestArguments } from "./arguments.js";
import { failureLines } from "./failure-lines.js";
import { Interrupt } from "./interrupt.js";
import { Measurements } from "./measurements.js";
import { oneLine } from "./one-line.js";
import { describePlan, progressOf } from "./plan.js";
import { showProgress } from "./progress.js";
import { Recording } from "./report/recording.js";
import { writeReport } from "./report/write-report.js";
import { passed, type TestResult, testResult, verdict } from "./result.js";
import { runTest } from "./run-test.js";
import { openSecurity, type TestSecurity } from "./security.js";
import { type ServerProcess, startServer } from "./server-process.js";
import { formatTable } from "./table.js";

// A reader that has seen enough (`| head -1`) is no reason to fail.
process.stdout.on("error", () => {});
try {
  process.exitCode = await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

/** The exit code. */
async function main(options: TestArguments): Promise<number> {
  using interrupt = new Interrupt();
  try {
    const recording = options.report === undefined ? null : new Recording();
    const result = await measure(options, new Measurements(recording), interrupt.signal);
    report(result, options);
    if (recording !== null) await writeReport(options, result, recording);
    return passed(result) ? 0 : 1;
  } catch (error) {
    const interrupted = interrupt.exitCode !== null;
    const why = interrupted ? "interrupted" : error instanceof Error ? explained(error) : String(error);
    console.error(`concurrent-test: ${oneLine(why)}`);
    return interrupt.exitCode ?? 1;
  }
}

/** The code tells scripts that this machine lacks the backend, rather than that a server has failed. */
function explained(error: NodeJS.ErrnoException): string {
  return error.code === "ERR_BACKEND_UNAVAILABLE" ? `${error.message} (${error.code})` : error.message;
}

async function measure(options: TestArguments, measurements: Measurements, signal: AbortSignal): Promise<TestResult> {
  const { host, port, backend } = options;
  const talkative = !options.quiet && !options.json;
  const loop = new EventLoop({ autoRun: true, ...(backend === "auto" ? {} : { backend }) });
  if (talkative && port === undefined) console.log("Starting async-server on a free port");
  const security = options.secure === true ? await openSecurity(options, process.env) : null;
  const server = port === undefined ? await startOwnServer(options, security, signal) : null;
  if (talkative && server !== null) console.log(server.readyLine);
  if (talkative) console.log(describePlan(options, loop.backend));

  const hideProgress = talkative ? showProgress(process.stdout, progressOf(options, measurements)) : () => {};
  try {
    const address = { host, port: server?.port ?? port! };
    const failures = await runTest(options, address, security?.upgrade ?? null, loop, measurements, signal);
    return testResult(options, measurements, loop.backend, failures);
  } finally {
    hideProgress();
    await server?.stop();
    loop.close();
  }
}

async function startOwnServer(
  options: TestArguments,
  security: TestSecurity | null,
  signal: AbortSignal,
): Promise<ServerProcess> {
  try {
    return await startServer(options, security?.serverArgs ?? [], signal);
  } finally {
    security?.forget();
  }
}

function report(result: TestResult, { json, quiet }: TestArguments): void {
  if (json) {
    console.log(JSON.stringify(result));
    return;
  }
  if (result.sent > 0) console.log(formatTable(result));
  for (const line of failureLines(result)) console.error(line);
  if (passed(result) && !quiet) console.log(`[OK] ${verdict(result)}`);
}
