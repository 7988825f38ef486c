import { readFileSync } from "node:fs";
import { join } from "node:path";
import { overLimits, tableDiffers } from "../../../scripts/measure-packages.mjs";
import { root } from "../../../scripts/suites.mjs";

/** The table of docs/packages.md is right, and what must be small is. */
export function checkSizes(stage, sizes) {
  const differs = tableDiffers(readFileSync(join(root, "docs", "packages.md"), "utf8"), sizes);
  stage.check("sizes: docs/packages.md", differs.length === 0 ? null : differs.join("\n"));
  const over = overLimits(sizes);
  stage.check("sizes: limits", over.length === 0 ? null : over.join("\n"));
}
