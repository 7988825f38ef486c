import { describe, expect, it } from "vitest";
import { AT_ONCE, settleInOrder } from "../src/settle-in-order.js";

describe("many tasks", () => {
  it("run no more than a bound of them at once, each once", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await settleInOrder(3 * AT_ONCE, async (number) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(number);
    });
    expect(most).toBe(AT_ONCE);
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 3 * AT_ONCE }, (_, index) => index + 1));
  });

  it("give their outcomes in order, failures too", async () => {
    const finish: (() => void)[] = [];
    const settled = settleInOrder(3, async (number) => {
      await new Promise<void>((resolve) => finish.push(resolve));
      if (number === 2) throw new Error("second");
      return number;
    });
    for (const resolve of finish.toReversed()) resolve();
    expect(await settled).toEqual([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: new Error("second") },
      { status: "fulfilled", value: 3 },
    ]);
  });

  it("may be none", async () => {
    expect(await settleInOrder(0, () => Promise.reject(new Error("never")))).toEqual([]);
  });
});
