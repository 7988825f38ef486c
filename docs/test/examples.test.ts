import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, startChromium } from "../../test-support/chromium.js";
import { docsFolder } from "./markdown-files.js";

const examples = join(docsFolder, "..", "examples");
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

/** An example that runs: its lines of output, one by one. */
function start(example: string, ...args: string[]) {
  const child = spawn(process.execPath, ["--import", tsx, "main.ts", ...args], {
    cwd: join(examples, example),
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.push(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const closed = once(child, "close");
  return {
    /** Once it has ended: its exit code, and what it wrote to stderr. */
    outcome: async () => ({ code: (await closed)[0] as number | null, errors }),
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    say: (text: string) => child.stdin.write(`${text}\n`),
    end: () => child.stdin.end(),
    interrupt: () => child.kill("SIGINT"),
  };
}

async function rest(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("the examples", () => {
  it.each([
    [
      "echo",
      [
        "server: somebody has connected",
        "client: heard one",
        "client: heard two",
        "client: heard three",
        "server: the peer has left",
      ],
    ],
    ["request-response", ["fast? yes", "slow? yes", "nothing? TimeoutError"]],
    ["custom-backend", ["hello", "watched true, told true"]],
    ["framing-over-node-net", ["server: lost a client, ERR_FRAME_TOO_LARGE", "hello", "world"]],
    ["worker-per-core", [`${availableParallelism()} workers listen`, "7 clients have heard it"]],
  ])("%s prints what it should, and ends", async (example, expected) => {
    const program = start(example);
    expect(await rest(program.lines)).toEqual(expected);
    expect(await program.outcome()).toMatchObject({ code: 0 });
  });

  describe("file-sending", () => {
    let folder: string;
    let from: string;
    const content = randomBytes(5_000_000);

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "p2pnet-file-"));
      from = join(folder, "from");
      writeFileSync(from, content);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("makes a copy that is the same, and its bar comes to the end", async () => {
      const to = join(folder, "to");
      const program = start("file-sending", from, to);
      expect(await rest(program.lines)).toEqual(["received 20 messages"]);
      expect(readFileSync(to).equals(content)).toBe(true);
      const { code, errors } = await program.outcome();
      expect(code).toBe(0);
      expect(errors.match(/\d+ % .*/g)?.at(-1)).toBe("100 %  5000000 of 5000000 bytes");
    });

    it.each([
      [
        "a copy that cannot be written",
        "receiving: ENOENT",
        () => start("file-sending", from, join(folder, "none", "to")),
      ],
      [
        "a file that is missing",
        "sending: ENOENT",
        () => start("file-sending", join(folder, "none"), join(folder, "to")),
      ],
    ])("says so of %s, and ends", async (_, message, run) => {
      const { code, errors } = await run().outcome();
      expect(code).toBe(1);
      expect(errors).toContain(message);
      expect(errors).not.toMatch(/^ +at /m);
    });
  });

  it("chat-room lets everybody hear everybody else", async () => {
    const room = start("chat-room", "serve", "0");
    const port = /\d+$/.exec((await room.lines.next()).value ?? "")![0];
    const ada = start("chat-room", "join", port, "Ada");
    expect((await ada.lines.next()).value).toBe("You are in");
    const ben = start("chat-room", "join", port, "Ben");
    expect((await ben.lines.next()).value).toBe("You are in");
    expect((await ada.lines.next()).value).toBe("Ben has joined");
    ben.say("I am");
    expect((await ada.lines.next()).value).toBe("Ben: I am");
    ada.say("hello Ben");
    const heard: string[] = [];
    while (heard.at(-1) !== "Ada: hello Ben") heard.push((await ben.lines.next()).value!);
    ben.end();
    expect((await ada.lines.next()).value).toBe("(somebody has left)");
    room.interrupt();
    expect(await rest(ada.lines)).toEqual([]);
  });

  it("browser-page serves a page with its decoder", async () => {
    const server = start("browser-page", "0");
    const url = /http:\S+/.exec((await server.lines.next()).value ?? "")![0];
    const html = await (await fetch(url)).text();
    expect(html).toContain("<title>frames</title>");
    expect(html).toContain("WebSocket");
  });

  it.skipIf(chromiumPath === null)("browser-page puts messages together that came cut: needs Chromium", async () => {
    const server = start("browser-page", "0");
    const url = /http:\S+/.exec((await server.lines.next()).value ?? "")![0];
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForFunction("document.title === 'done'");
      expect(await page.locator("li").allTextContents()).toEqual(["one", "two", "a third, which is a little longer"]);
    } finally {
      await browser.close();
    }
  });

  it("are each below 60 lines", () => {
    const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const lines = folders.map(({ name }) => {
      const files = readdirSync(join(examples, name)).filter((file) => /\.[jt]s$/.test(file));
      const counts = files.map(
        (file) =>
          readFileSync(join(examples, name, file), "utf8")
            .trimEnd()
            .split("\n").length,
      );
      return { name, lines: counts.reduce((sum, count) => sum + count, 0) };
    });
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((folder) => folder.lines >= 60)).toEqual([]);
  });
});
