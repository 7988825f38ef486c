import { describe, expect, test } from "vitest";
import {
  cpuSeconds,
  openDescriptors,
  parseCpuSeconds,
  parseDescriptorLimit,
  parseStatusBytes,
  peakBytes,
  requireProc,
  residentBytes,
} from "../src/process-readings.js";

describe("what is read from /proc", () => {
  test("memory is a line of status, in bytes", () => {
    const status = "Name:\tnode\nVmHWM:\t    4000 kB\nVmRSS:\t    3088 kB\n";
    expect(parseStatusBytes(status, "VmRSS")).toBe(3088 * 1024);
    expect(parseStatusBytes(status, "VmHWM")).toBe(4000 * 1024);
    expect(() => parseStatusBytes("Name:\tnode\n", "VmRSS")).toThrow("status: expected a line VmRSS, got none");
  });

  test("CPU time is fields 14 and 15 of stat, whatever the program is called", () => {
    expect(parseCpuSeconds("7 (a) b c) S 1 7 7 0 -1 4194304 118 0 0 0 150 50 0 0 20 0 1 0 189663\n")).toBe(2);
    expect(() => parseCpuSeconds("7 (node) S 1\n")).toThrow("stat: expected two counts of ticks");
  });

  test("the limit of descriptors is the hard one", () => {
    expect(parseDescriptorLimit("Max open files            1024                 20000                files\n")).toBe(
      20_000,
    );
    expect(parseDescriptorLimit("Max open files  1024  unlimited  files\n")).toBe(Number.POSITIVE_INFINITY);
    expect(() => parseDescriptorLimit("")).toThrow("limits: expected a line Max open files, got none");
  });

  test("elsewhere than on Linux there is nothing to read", () => {
    expect(() => requireProc("darwin")).toThrow(expect.objectContaining({ code: "ERR_SYSTEM" }));
  });

  test.skipIf(process.platform !== "linux")("this process holds memory, descriptors and CPU time (needs Linux)", () => {
    expect(residentBytes(process.pid)).toBeGreaterThan(1024 * 1024);
    expect(peakBytes(process.pid)).toBeGreaterThanOrEqual(1024 * 1024);
    expect(openDescriptors(process.pid)).toBeGreaterThan(2);
    expect(cpuSeconds(process.pid)).toBeGreaterThan(0);
  });
});
