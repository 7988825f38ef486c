// Runs one bundled test file in this process:  main.mjs <test file> <file for events> <milliseconds for a test>
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startTests } from "@vitest/runner";
import { EventFile } from "./events.js";
import { PortableRunner } from "./runner.js";

const [file, results, timeoutMs] = process.argv.slice(2) as [string, string, string];
const events = new EventFile(results);

// What a bundled source has for its own address: that of its copy in this folder.
const folder = new URL("..", import.meta.url);
Object.assign(globalThis, { p2pnetTests: (copy: string) => new URL(copy, folder).href });

// What nobody caught is no test's own failure that could be told, but it is one.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    events.write({ type: "error", name: [event], errors: [told] });
  });
}

await startTests([pathToFileURL(resolve(file)).href], new PortableRunner(events, Number(timeoutMs)));
// What the last test left behind may throw still.
await new Promise((resolve) => setTimeout(resolve, 0));
events.write({ type: "end" });
events.close();
process.exit();
