// Runs one test file in this process:
//   main.js <test file> <file for events> <milliseconds for a test> <pattern of names that are left out, or nothing>
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startTests } from "@vitest/runner";
import { EventFile } from "./events.js";
import { PortableRunner } from "./runner.js";

const [file, results, timeoutMs, leftOut] = process.argv.slice(2) as [string, string, string, string?];
const events = new EventFile(results);

// What nobody caught is no test's own failure that could be told, but it is one.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    events.write({ type: "error", name: [event], errors: [told] });
  });
}

// Such as what puts right the system that the tests run on.
const preload = process.env["P2PNET_TEST_PRELOAD"];
if (preload) await import(pathToFileURL(resolve(preload)).href);

const runner = new PortableRunner(events, Number(timeoutMs), leftOut);
await startTests([pathToFileURL(resolve(file)).href], runner);
// What the last test left behind may throw still.
await new Promise((resolve) => setTimeout(resolve, 0));
events.write({ type: "end" });
events.close();
process.exit();
