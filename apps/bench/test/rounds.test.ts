import { expect, test } from "vitest";
import { runRounds } from "../src/rounds.js";

test("every round runs every peer once, and each begins with another", async () => {
  const order: string[] = [];
  const samples = await runRounds(["a", "b", "c"], 3, async (peer, round) => {
    order.push(`${round}${peer}`);
    return `${round}${peer}`;
  });
  expect(order).toEqual(["0a", "0b", "0c", "1b", "1c", "1a", "2c", "2a", "2b"]);
  expect(samples.get("b")).toEqual(["0b", "1b", "2b"]);
});

test("a failure in any round ends the run", async () => {
  const failing = runRounds(["a"], 3, async (_peer, round) => {
    if (round === 1) throw new Error("wrong byte");
  });
  await expect(failing).rejects.toThrow("wrong byte");
});
