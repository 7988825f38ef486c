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

it.each([
  [["64"], "64 on each of 1 connections"],
  [["1", "6", "--copy"], "1 on each of 6 connections"],
])(
  "says what a message costs without system calls, with arguments %j",
  (args: string[], what) => {
    const { status, stdout } = userSpace("--short", ...args);
    expect(stdout).toMatch(new RegExp(`^[1-9]\\d* ns a message \\(median \\d+\\), ${what} in a turn\n$`));
    expect(status).toBe(0);
  },
  40_000,
);

it.each([
  [["many"], "depth from 1 to 2000, got many"],
  [["1", "11"], "connections from 1 to 10, got 11"],
])("refuses the arguments %j, in one line", (args: string[], what) => {
  const { status, stderr } = userSpace(...args);
  expect([status, stderr]).toEqual([2, `user-space: expected ${what}\n`]);
});
