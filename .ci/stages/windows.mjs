import { portableScript } from "./portable-script.mjs";

/** The suites and the programs in Node for Windows under Wine, which is skipped by name where it cannot be had. */
export async function windows(stage) {
  await portableScript(stage, "test-windows.mjs", 10 * 60_000);
}
