import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { cNames } from "../probe/c-names.js";
import { cProbe, ioUringProbe } from "../probe/c-probe.js";
import { type Constants, constantsFor } from "../src/constants/constants.js";
import { ioUringConstants } from "../src/constants/io-uring.js";
import { ioUringLayouts } from "../src/layouts/io-uring.js";
import { type Layouts, layoutsFor } from "../src/layouts/layouts.js";

/** Compilers that can speak for a system: this machine's own, and cross compilers. */
const targets: { compiler: string; platform: NodeJS.Platform; arch: NodeJS.Architecture }[] = [
  { compiler: process.platform === "win32" ? "gcc" : "cc", platform: process.platform, arch: process.arch },
  { compiler: "aarch64-linux-gnu-gcc", platform: "linux", arch: "arm64" },
  { compiler: "x86_64-w64-mingw32-gcc", platform: "win32", arch: "x64" },
];

/** What the compiler has to say against a C file: nothing if it accepts it. */
function complaints(compiler: string, source: string): string {
  // clang, which is macOS's cc, would stop after twenty.
  const all = process.platform === "darwin" ? ["-ferror-limit=0"] : [];
  const options = ["-std=gnu11", "-Wall", "-Werror", ...all, "-fsyntax-only", "-x", "c", "-"];
  const { status, stderr } = spawnSync(compiler, options, { input: source, encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

function isInstalled(compiler: string): boolean {
  return spawnSync(compiler, ["--version"]).error === undefined;
}

function plusOne(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plusOne(inner)]));
}

describe.each(targets)("the tables for $platform $arch, by $compiler", ({ compiler, platform, arch }) => {
  const installed = isInstalled(compiler);
  if (!installed) console.warn(`not checked: the tables for ${platform} ${arch}, since ${compiler} is not installed`);
  const constants = constantsFor(platform, arch);
  const layouts = layoutsFor(platform, arch);

  it("agree with the headers", ({ skip }) => {
    if (!installed) skip(`${compiler} is not installed`);
    expect(complaints(compiler, cProbe(platform, constants, layouts))).toBe("");
  });

  it("are refused with any number wrong", ({ skip }) => {
    if (!installed) skip(`${compiler} is not installed`);
    const source = cProbe(platform, plusOne(constants) as Constants, plusOne(layouts) as Layouts);
    const refusals = complaints(compiler, source);
    const { missingInSomeHeaders } = cNames(platform);

    const numbers = Object.entries(constants).filter(
      ([name, value]) => value !== null && !missingInSomeHeaders.includes(name),
    );
    const structs = Object.entries(layouts).filter(([, struct]) => struct !== null);
    const unnoticed = [
      ...numbers.filter(([name]) => !refusals.includes(`${name}: expected`)),
      ...structs.filter(([name]) => !refusals.includes(`offsetof ${name}.`) || !refusals.includes(`sizeof ${name}:`)),
    ];
    expect(unnoticed).toEqual([]);
  });

  it("are refused if they deny what the headers have", ({ skip }) => {
    if (!installed) skip(`${compiler} is not installed`);
    const nothing = Object.fromEntries(Object.keys(constants).map((name) => [name, null]));
    const refusals = complaints(compiler, cProbe(platform, nothing as unknown as Constants, layouts));
    expect(refusals).toContain("SO_REUSEADDR: expected none");
  });
});

const linuxTargets = targets.filter(({ platform }) => platform === "linux");

describe.each(linuxTargets)("the tables of io_uring, by $compiler", ({ compiler }) => {
  const unchecked = isInstalled(compiler)
    ? hasIoUring(compiler)
      ? null
      : "its headers are older than Linux 6.1"
    : "it is not installed";

  it.skipIf(unchecked !== null)(
    `agree with the headers${unchecked === null ? "" : `: not asked, since ${unchecked}`}`,
    () => {
      expect(complaints(compiler, ioUringProbe())).toBe("");
    },
  );

  it.skipIf(unchecked !== null)("are refused with any number wrong", () => {
    const wrong = [ioUringConstants, ioUringLayouts].map(plusOne) as Parameters<typeof ioUringProbe>;
    const refusals = complaints(compiler, ioUringProbe(...wrong));
    const names = [...Object.keys(ioUringConstants), ...Object.keys(ioUringLayouts).map((name) => `sizeof ${name}`)];
    expect(names.filter((name) => !refusals.includes(`${name}: expected`))).toEqual([]);
  });
});

function hasIoUring(compiler: string): boolean {
  const source = "#include <linux/version.h>\n#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)\n#error old\n#endif\n";
  return complaints(compiler, source) === "";
}
