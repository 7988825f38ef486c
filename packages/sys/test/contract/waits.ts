import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { System } from "../../src/index.js";
import { connectedPair, type HandlePair } from "../handle-pair.js";
import { PollRecord } from "./poll-record.js";

/** What `poll` does on every system. */
export function waitContract(sys: System): void {
  const { constants } = sys;

  describe("poll", () => {
    let pair: HandlePair;
    beforeEach(() => {
      pair = connectedPair(sys);
    });
    afterEach(() => pair.close());

    it("says what is ready", () => {
      const record = new PollRecord(sys, pair.right, constants.POLLIN);
      expect(record.wait(0)).toBe(0);
      sys.sendBytes(pair.left, Uint8Array.of(1));
      expect(record.wait(-1)).toBe(1);
      expect(record.found & constants.POLLIN).not.toBe(0);
      expect(record.found & ~constants.POLLIN).toBe(0);
    });

    it("waits as long as it is told, for nothing too", () => {
      const waits = [() => sys.poll(0, 0, 30), () => new PollRecord(sys, pair.right, constants.POLLIN).wait(30)];
      for (const wait of waits) {
        const before = performance.now();
        expect(wait()).toBe(0);
        expect(performance.now() - before).toBeGreaterThanOrEqual(20);
      }
      expect(sys.poll(0, 0, 0)).toBe(0);
    });

    it("waits on another thread, and says when that is over", async () => {
      const record = new PollRecord(sys, pair.right, constants.POLLIN);
      const over = new Promise<void>((done) => sys.pollAsync(record.address, 1, 60_000, () => done()));
      sys.sendBytes(pair.left, Uint8Array.of(1));
      await over;
      expect(record.wait(0)).toBe(1);
      await new Promise<void>((done) => sys.pollAsync(0, 0, 10, () => done()));
    });
  });
}
