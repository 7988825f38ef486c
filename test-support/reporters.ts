import { basename, join } from "node:path";

/**
 * vitest's reporters for a suite: its own, and the results as JSON for CI, in the folder that `P2PNET_TEST_RESULTS` names,
 * in a file named after the suite's folder.
 */
export function reporters(): ["default"] | ["default", ["json", { outputFile: string }]] {
  const folder = process.env["P2PNET_TEST_RESULTS"];
  if (!folder) return ["default"];
  return ["default", ["json", { outputFile: join(folder, `${basename(process.cwd())}.json`) }]];
}
