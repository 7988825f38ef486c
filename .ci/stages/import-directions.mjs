import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** Imports that must not be, and the rule that finds each. */
const planted = [
  { rule: "stream-imports-only-what-is-below", file: "packages/stream/src/planted.ts", from: "@p2pnet/connection" },
  { rule: "socket-imports-only-what-is-below", file: "packages/socket/src/planted.ts", from: "@p2pnet/event-loop" },
  { rule: "sys-imports-only-what-is-below", file: "packages/sys/src/planted.ts", from: "../../socket/src/index.js" },
  { rule: "secure-imports-only-what-is-below", file: "packages/secure/src/planted.ts", from: "@p2pnet/connection" },
  { rule: "connection-imports-only-what-is-below", file: "packages/connection/src/planted.ts", from: "@p2pnet/secure" },
  { rule: "metrics-imports-only-what-is-below", file: "packages/metrics/src/planted.ts", from: "@p2pnet/event-loop" },
  {
    rule: "connection-imports-only-what-is-below",
    file: "packages/connection/src/planted-metrics.ts",
    from: "@p2pnet/metrics",
  },
  {
    rule: "packages-never-import-apps",
    file: "packages/connection/src/planted-app.ts",
    from: "../../../apps/bench/src/main.js",
  },
  { rule: "only-sys-imports-the-ffi-library", file: "packages/event-loop/src/planted.ts", from: "koffi" },
  { rule: "framing-is-pure", file: "packages/framing/src/planted.ts", from: "node:fs" },
  { rule: "no-cycles", file: "packages/stream/src/planted-cycle.ts", from: "./planted-cycle.js" },
];

/** Shows that the tool which enforces the map of the packages finds what breaks it, on a copy of the sources. */
export async function importDirections(stage) {
  const copy = mkdtempSync(join(tmpdir(), "p2pnet-imports-"));
  try {
    copySources(copy);
    for (const { file, from } of planted) writeFileSync(join(copy, file), `import "${from}";\n`);
    const depcruise = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
    const args = [depcruise, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "packages", "apps"];
    const { stdout, output } = await run(process.execPath, args, { cwd: copy });
    const { violations } = JSON.parse(stdout).summary;
    for (const { rule, file, from } of planted) {
      const found = violations.some((violation) => violation.rule.name === rule && violation.from === file);
      stage.check(`${file} importing ${from} breaks ${rule}`, found ? null : `expected a violation of ${rule}`, output);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function copySources(copy) {
  for (const file of [
    ".dependency-cruiser.cjs",
    ".dependency-cruiser.tsconfig.json",
    "tsconfig.base.json",
    "package.json",
  ]) {
    cpSync(join(root, file), join(copy, file));
  }
  // Packages find each other through the paths of that tsconfig, and koffi is named by a rule: nothing is installed there.
  for (const folder of ["packages", "apps"]) {
    const filter = (path) => !/[\\/](node_modules|dist|\.turbo)$/.test(path);
    cpSync(join(root, folder), join(copy, folder), { recursive: true, filter });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}
