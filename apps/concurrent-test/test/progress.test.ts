import { WriteStream } from "node:tty";
import { describe, expect, it, vi } from "vitest";
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
    const hide = showProgress(terminal, 50, () => received);
    received = 20;
    await vi.waitFor(() => expect(written.join("")).toContain("20 of 50 messages"));
    hide();
    expect(written.join("").endsWith("\n")).toBe(false);
  });

  it("is not drawn in a pipe", () => {
    const { stream: pipe, written } = stream(false);
    showProgress(pipe, 50, () => 1)();
    expect(written).toEqual([]);
  });
});
