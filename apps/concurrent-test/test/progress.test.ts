import { WriteStream } from "node:tty";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parseArguments } from "../src/arguments.js";
import { Measurements } from "../src/measurements.js";
import { progressOf } from "../src/plan.js";
import { showProgress } from "../src/progress.js";

/** A stream that notes what is written to it. */
function stream(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const noting = Object.assign(Object.create(WriteStream.prototype), {
    isTTY,
    columns: 80,
    write: (text: string) => written.push(text) > 0,
  }) as NodeJS.WriteStream;
  return { stream: noting, written };
}

describe("the progress bar", () => {
  it("is drawn on a terminal, and removed", async () => {
    const { stream: terminal, written } = stream(true);
    let received = 0;
    const hide = showProgress(terminal, { unit: "messages", total: 50, value: () => received });
    received = 20;
    await vi.waitFor(() => expect(written.join("")).toContain("20 of 50 messages"));
    hide();
    expect(written.join("").endsWith("\n")).toBe(false);
  });

  it("counts messages, or seconds where nobody knows how many messages there will be", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const measurements = new Measurements();
    const inMessages = progressOf(parseArguments(["--mode", "chat", "--clients", "3"]), measurements);
    measurements.received = 7;
    expect(inMessages).toMatchObject({ unit: "messages", total: 3 * 5 * 2 });
    expect(inMessages.value()).toBe(7);
    const inSeconds = progressOf(parseArguments(["--duration", "4"]), measurements);
    expect(inSeconds).toMatchObject({ unit: "seconds", total: 4 });
    vi.advanceTimersByTime(2_900);
    expect(inSeconds.value()).toBe(2);
    vi.advanceTimersByTime(9_000);
    expect(inSeconds.value()).toBe(4);
  });

  it("is not drawn in a pipe", () => {
    const { stream: pipe, written } = stream(false);
    showProgress(pipe, { unit: "messages", total: 50, value: () => 1 })();
    expect(written).toEqual([]);
  });
});
