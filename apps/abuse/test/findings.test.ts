import { describe, expect, test } from "vitest";
import { type AbuseCase, bounds } from "../src/abuse-case.js";
import { atLeast, atMost, bothAtMost, endedWith, exactly, type Finding } from "../src/finding.js";
import { type Size, sizeOf } from "../src/size.js";
import { formatMarkdown, formatTable } from "../src/table.js";
import { judge, summaryOf } from "../src/verdict.js";

const abuse: AbuseCase = {
  name: "rain",
  abuse: "it rains",
  size: { full: 1_000, quick: 10 },
  connects: true,
  server: {},
  bounds: () => bounds(),
  run: async () => {},
};
const ALL: Size = { size: 10, scaledDown: null };
const ran = (...findings: Finding[]) => ({ findings, failure: null });
const died = (failure: string) => ({ findings: [], failure });

describe("a figure", () => {
  test("holds up to its bound, and says both with their unit", () => {
    expect(atMost("wait", 50, 50, "ms")).toEqual({ what: "wait", bound: "≤ 50 ms", measured: "50 ms", holds: true });
    expect(atMost("wait", 50, 50.5, "ms").holds).toBe(false);
    expect(atLeast("served", 3, 2)).toMatchObject({ bound: "≥ 3", measured: "2", holds: false });
    expect(exactly("left", 0, 1)).toMatchObject({ bound: "0", measured: "1", holds: false });
  });

  test("that never came is outside of every bound", () => {
    expect(atMost("wait", 1e9, Number.POSITIVE_INFINITY, "ms")).toMatchObject({ measured: "never", holds: false });
  });

  test("of two parts fails with either, and may lack the first", () => {
    expect(bothAtMost("memory", "MiB", [32, 2], [1.234, 0.5])).toMatchObject({
      measured: "1.23 / 0.50 MiB",
      holds: true,
    });
    expect(bothAtMost("memory", "MiB", [32, 2], [33, 0]).holds).toBe(false);
    expect(bothAtMost("memory", "MiB", [32, 2], [1, 3]).holds).toBe(false);
    expect(bothAtMost("ping", "ms", [50, 500], [null, 20])).toMatchObject({ measured: "– / 20 ms", holds: true });
  });
});

describe("a verdict", () => {
  test("is passed when all of ours holds, whatever the other one does", () => {
    const verdict = judge(abuse, ALL, ran(exactly("left", 0, 0)), ran(exactly("left", 0, 7)));
    expect(verdict).toMatchObject({ passed: true, rows: [{ holds: true, other: { measured: "7", holds: false } }] });
  });

  test("is failed by one figure of ours, or by a run that broke off", () => {
    const fine = ran(exactly("left", 0, 0));
    expect(judge(abuse, ALL, ran(exactly("left", 0, 1)), fine).passed).toBe(false);
    expect(judge(abuse, ALL, died("the server has died"), fine).passed).toBe(false);
    expect(judge(abuse, ALL, fine, died("the server has died")).passed).toBe(true);
  });

  test("compares no error codes with a server that has none", () => {
    const ended = endedWith("ERR_IDLE_TIMEOUT", 5, { ERR_IDLE_TIMEOUT: 5 });
    expect(judge(abuse, ALL, ran(ended), ran(ended)).rows[0]!.other).toBeNull();
  });

  test("names a fault that only the other one has", () => {
    const { rows, passed } = judge(abuse, ALL, ran(), ran(exactly("wrong echoes", 0, 3)));
    expect(passed).toBe(true);
    expect(rows).toEqual([expect.objectContaining({ what: "wrong echoes", other: { measured: "3", holds: false } })]);
  });
});

describe("the table", () => {
  const verdicts = [
    judge(abuse, ALL, ran(exactly("left", 0, 1), atMost("wait", 5, 4, "ms")), ran(atMost("wait", 5, 9, "ms"))),
    judge({ ...abuse, name: "hail" }, ALL, died("it | died"), ran()),
  ];

  test("has a line for each figure, and marks what is outside", () => {
    expect(formatMarkdown(verdicts)).toBe(
      [
        "| case | figure          | bound  | measured                | node:net               |",
        "| ---- | --------------- | ------ | ----------------------- | ---------------------- |",
        "| rain | left            | 0      | 1 (FAILED)              | –                      |",
        "|      | wait            | ≤ 5 ms | 4 ms                    | 9 ms (fails the bound) |",
        "| hail | carried through | yes    | no: it \\| died (FAILED) | yes                    |",
      ].join("\n"),
    );
  });

  test("has the same cells in a terminal", () => {
    expect(formatTable(verdicts)).toMatch(/rain +│ left +│ 0 +│ 1 \(FAILED\) +│ –/);
  });
});

describe("the size of an abuse", () => {
  test("is the full or the quick one", () => {
    expect(sizeOf(abuse, false, 20_000)).toEqual({ size: 1_000, scaledDown: null });
    expect(sizeOf(abuse, true, 20_000)).toEqual({ size: 10, scaledDown: null });
  });

  test("is scaled down where descriptors are short, if it is connections", () => {
    expect(sizeOf(abuse, false, 1_024)).toEqual({
      size: 824,
      scaledDown: "824 of 1000 connections (1024 descriptors are allowed)",
    });
    expect(sizeOf({ ...abuse, connects: false }, false, 1_024)).toEqual({ size: 1_000, scaledDown: null });
  });
});

describe("the summary", () => {
  const passed = judge(abuse, ALL, ran(), ran());
  const failed = judge(abuse, ALL, died("it died"), ran());

  test("counts", () => {
    expect(summaryOf([passed, failed, passed])).toBe("2 passed, 1 failed, 0 skipped");
  });

  test("names what was scaled down", () => {
    const less = judge(abuse, sizeOf(abuse, false, 1_024), ran(), ran());
    expect(summaryOf([passed, less])).toBe(
      "2 passed, 0 failed, 0 skipped; scaled down: rain to 824 of 1000 connections (1024 descriptors are allowed)",
    );
  });
});
