import { describe, expect, it } from "vitest";
import { jsonOf } from "./run-program.js";

/** The native libraries that a process has mapped and that have to do with the FFI library. */
const nativeLibraries = `process.report.getReport().sharedObjects.filter((path) => path.includes("koffi"))`;

describe("importing @p2pnet/sys", () => {
  it("loads no native code: only asking for the system does", () => {
    const [imported, asked] = jsonOf(`
      const { createRequire } = await import("node:module");
      const loaded = () => ${nativeLibraries}.length + Object.keys(createRequire(import.meta.url).cache).length;
      const { system, ...others } = await import("@p2pnet/sys");
      const imported = loaded();
      system();
      console.log(JSON.stringify([imported, loaded()]));
    `) as [number, number];
    expect(imported).toBe(0);
    expect(asked).toBeGreaterThan(0);
  });
});
