import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../../../test-support/chromium.js";
import { runProgram } from "./program.js";

describe("--report", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "p2pnet-report-"));
    file = join(folder, "report.html");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("writes one page that needs nothing else: no script, no address", async () => {
    const { exit, stdout } = await runProgram("--clients", "3", "--messages", "4", "--report", file);
    expect(exit).toBe(0);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`Report: ${file}`);
    const page = readFileSync(file, "utf8");
    expect(page).not.toMatch(/<script|<link|<img|src=|url\((?!#)/);
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).toContain("<td>Messages received</td><td>12</td>");
    expect(page).toContain("<td>clients</td><td>3</td>");
    expect(page).toContain(
      "The first 12 messages of 3 of 3 clients, each from when it was sent to when it was answered.",
    );
  });

  it("names the backend that was used, also where none was asked for", async () => {
    const { stdout } = await runProgram("--json", "--report", file);
    const { backend } = JSON.parse(stdout);
    expect(readFileSync(file, "utf8")).toContain(`<td>backend</td><td>${backend} (auto)</td>`);
    await runProgram("--quiet", "--backend", "poll", "--report", file);
    expect(readFileSync(file, "utf8")).toContain("<td>backend</td><td>poll</td>");
  });

  it("says that with a rate lanes begin when messages were due, and in a chat end when they were heard", async () => {
    await runProgram("--quiet", "--rate", "1000", "--report", file);
    expect(readFileSync(file, "utf8")).toContain("each from when it was due to when it was answered.");
    await runProgram("--quiet", "--mode", "chat", "--report", file);
    expect(readFileSync(file, "utf8")).toContain("each from when it was said to when it was heard.");
  });

  it("is written for a test that failed, too, with the failures", async () => {
    const { exit } = await runProgram("--port", "1", "--clients", "2", "--report", file);
    expect(exit).toBe(1);
    const page = readFileSync(file, "utf8");
    expect(page).toContain("It was expected, and is not so: Every message came back as it was sent.");
    expect(page).toContain("Client 1: connect ECONNREFUSED 127.0.0.1:1");
  });

  it("says in one line that it cannot be written", async () => {
    const { exit, stderr } = await runProgram("--quiet", "--report", join(folder, "nowhere", "report.html"));
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^concurrent-test: report: expected to write \S+, got ENOENT\n$/);
  });

  it.skipIf(chromiumPath === null)("shows its charts in a browser: needs Chromium", async () => {
    await runProgram("--clients", "5", "--messages", "50", "--report", file);
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      const requests: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      expect(await page.locator("h2").allTextContents()).toEqual([
        "Result",
        "Settings",
        "Latency: how many messages took how long",
        "Latency by percentile",
        "Throughput over time",
        "Clients side by side",
      ]);
      for (const chart of await page.locator("svg").all()) {
        const box = await chart.boundingBox();
        expect(box!.width).toBeGreaterThan(500);
        expect(box!.height).toBeGreaterThan(100);
      }
      // A bar for each message of the last chart, and each of them somewhere.
      const lanes = page.locator("svg").last().locator('path[fill="#004488"]');
      expect(await lanes.count()).toBe(250);
      expect(requests).toEqual([pathToFileURL(file).href]);
    } finally {
      await browser.close();
    }
  });
});
