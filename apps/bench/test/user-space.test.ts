import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { appRoot } from "../src/app-root.js";

function userSpace(...args: string[]) {
  return spawnSync(process.execPath, [join(appRoot, "dist", "user-space.js"), ...args], {
    encoding: "utf8",
    timeout: 30_000,
  });
}

it.each([[[]], [["--copy"]]])(
  "says what a message costs without system calls, with arguments %j",
  (options: string[]) => {
    const { status, stdout } = userSpace("64", "--short", ...options);
    expect(stdout).toMatch(/^[1-9]\d* ns a message \(median \d+\), 64 in a turn\n$/);
    expect(status).toBe(0);
  },
  40_000,
);

it("refuses a depth that is none, in one line", () => {
  const { status, stderr } = userSpace("many");
  expect([status, stderr]).toEqual([2, "user-space: expected a depth from 1 to 2000, got many\n"]);
});
