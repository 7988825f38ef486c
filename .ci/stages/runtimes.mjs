import { portableScript } from "./portable-script.mjs";

/** The suites under Bun and Deno, and framing as in a browser. A runtime that cannot be had is skipped by name. */
export async function runtimes(stage) {
  await portableScript(stage, "test-runtimes.mjs", 10 * 60_000);
}
