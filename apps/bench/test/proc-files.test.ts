import { describe, expect, test } from "vitest";
import { cpuTimeBetween, parseSchedstat, readCpuTime } from "../src/cpu-time.js";
import { parseResidentBytes, readResidentBytes } from "../src/resident-memory.js";

describe("schedstat", () => {
  test("begins with the nanoseconds on a processor", () => {
    expect(parseSchedstat("7559646875 83307512 55132\n")).toBe(7_559_646_875);
  });

  test.each(["", "12 34", "x 1 2", "-5 1 2"])("that reads %j is refused", (text) => {
    expect(() => parseSchedstat(text)).toThrow("schedstat: expected three numbers");
  });
});

describe("CPU time between two readings", () => {
  test("adds up all threads, those that began in between included", () => {
    const before = new Map([
      ["1", 100],
      ["2", 50],
    ]);
    const after = new Map([
      ["1", 160],
      ["2", 55],
      ["3", 7],
    ]);
    expect(cpuTimeBetween(before, after)).toBe(72);
  });
});

describe("resident memory", () => {
  test("is the VmRSS line, in bytes", () => {
    expect(parseResidentBytes("Name:\tnode\nVmHWM:\t    4000 kB\nVmRSS:\t    3088 kB\n")).toBe(3088 * 1024);
  });

  test("without that line is refused", () => {
    expect(() => parseResidentBytes("Name:\tnode\n")).toThrow("status: expected a line VmRSS");
  });
});

describe.skipIf(process.platform !== "linux")("this process, read from /proc (needs Linux)", () => {
  test("uses processor time while it computes, and holds memory", () => {
    const before = readCpuTime(process.pid);
    const until = process.cpuUsage().user + 20_000;
    while (process.cpuUsage().user < until);
    expect(cpuTimeBetween(before, readCpuTime(process.pid))).toBeGreaterThan(10_000_000);
    expect(readResidentBytes(process.pid)).toBeGreaterThan(1024 * 1024);
  });
});
