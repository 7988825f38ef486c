// The picture of a report that the READMEs show: apps/concurrent-test/report.png. Build first; needs Chromium.
//
//   node scripts/report-screenshot.mjs
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { tsImport } from "tsx/esm/api";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

const { chromiumPath, startChromium } = await tsImport("../test-support/chromium.ts", import.meta.url);

const app = join(root, "apps", "concurrent-test");
const picture = join(app, "report.png");

/** Enough messages for the charts to have a shape, and few enough to be told apart in the lanes. */
const TEST = ["--clients", "12", "--ramp", "0.2", "--duration", "0.6", "--rate", "2500"];

/** What else the machine does shows in a report, too: the one of so many whose slowest message was quickest. */
const RUNS = 10;

const WIDTH = 1000;
const MARGIN = 20;
const MOST_BYTES = 200_000;

if (chromiumPath === null)
  throw new Error("a picture of a report: expected Chromium, found none; P2PNET_CHROMIUM names it");
const folder = mkdtempSync(join(tmpdir(), "p2pnet-picture-"));
try {
  await takePicture(await calmestReport());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { size } = statSync(picture);
if (size > MOST_BYTES) throw new Error(`${picture}: expected at most ${MOST_BYTES} bytes, got ${size}`);
console.log(`${relative(root, picture)}: ${size} bytes`);

async function calmestReport() {
  const reports = [];
  for (let i = 0; i < RUNS; i++) {
    const file = join(folder, `report-${i}.html`);
    const args = [join(app, "dist", "main.js"), "--json", "--report", file, ...TEST];
    const { failure, stdout, output } = await run(process.execPath, args);
    if (failure !== null) throw new Error(`${failure}\n${output}`);
    reports.push({ file, slowest: JSON.parse(stdout).latencyMs.max });
  }
  return reports.sort((one, other) => one.slowest - other.slowest)[0].file;
}

async function takePicture(file) {
  const browser = await startChromium();
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } });
    await page.goto(pathToFileURL(file).href);
    const content = await page.locator("body").boundingBox();
    // As high as the page, or it would show a scrollbar.
    await page.setViewportSize({ width: WIDTH, height: Math.ceil(content.y + content.height + MARGIN) });
    await page.screenshot({ path: picture });
  } finally {
    await browser.close();
  }
}
