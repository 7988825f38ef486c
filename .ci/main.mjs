// Runs the stages one after the other. One that fails does not stop the later ones; failures are shown at the end.
import { Report } from "./report.mjs";
import { abuse } from "./stages/abuse.mjs";
import { benchGuard } from "./stages/bench-guard.mjs";
import { cleanTree, treeState } from "./stages/clean-tree.mjs";
import { compilers } from "./stages/compilers.mjs";
import { coverage } from "./stages/coverage.mjs";
import { importDirections } from "./stages/import-directions.mjs";
import { install } from "./stages/install.mjs";
import { nodeMatrix } from "./stages/node-matrix.mjs";
import { npmStart } from "./stages/npm-start.mjs";
import { npmTest } from "./stages/npm-test.mjs";
import { packedPackages } from "./stages/packed-packages.mjs";
import { publishedSurface } from "./stages/published-surface.mjs";
import { release } from "./stages/release.mjs";
import { runtimes } from "./stages/runtimes.mjs";
import { windows } from "./stages/windows.mjs";
import { workflows } from "./stages/workflows.mjs";

const report = new Report();
const before = await treeState();

await report.stage("compilers for the C probe, and a browser", compilers);
await report.stage("install", install);
await report.stage("npm test", npmTest);
await report.stage("npm start in a fresh clone", npmStart);
await report.stage("abuse", abuse);
await report.stage("import directions", importDirections);
await report.stage("API records, reference, unused code", publishedSurface);
await report.stage("coverage", coverage);
await report.stage("packed packages", packedPackages);
await report.stage("release, dry", release);
await report.stage("Node matrix", nodeMatrix);
await report.stage("Bun, Deno and a browser", runtimes);
await report.stage("Windows, under Wine", windows);
await report.stage("bench, in short", benchGuard);
await report.stage("public workflow", workflows);
await report.stage("nothing left", (stage) => cleanTree(stage, before));

process.exitCode = report.finish();
