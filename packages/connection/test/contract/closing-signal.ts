import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { MessageConnection } from "../../src/index.js";
import { pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** `close({ signal })`: who waits for a peer's end may stop waiting. */
export function closingSignalContract(carrier: Carrier): void {
  describe("the signal of a close()", () => {
    const rig = new Rig(carrier);
    const roomy = { maxQueuedBytes: 2 * carrier.bulkBytes };
    const sendBulk = (connection: MessageConnection): void => {
      for (let i = 0; i < 10; i++) connection.send(pattern(carrier.bulkBytes / 10));
    };

    it.each([
      ["before", new Error("at once"), "at once"],
      ["while it closes", new Error("at once"), "at once"],
      ["for no reason that is an error", "at once", "ERR_CONNECTION_CLOSED"],
    ])("resets a peer that has not ended, aborted %s", async (when, reason, code) => {
      const [connection, peer] = rig.joinRaw(roomy);
      const end = new Recorder(connection);
      const controller = new AbortController();
      const { signal } = controller;
      sendBulk(connection);
      if (when === "before") controller.abort(reason);
      const closed = connection.close({ signal });
      await turns();
      if (when !== "before") expect([end.closes.length, getEventListeners(signal, "abort").length]).toEqual([0, 1]);
      controller.abort(reason);
      await closed;
      await end.closed();
      expect([end.code, getEventListeners(signal, "abort")]).toEqual([code, []]);
      peer.stream.resume();
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it("counts when close() is called again, too", async () => {
      const [connection] = rig.joinRaw(roomy);
      const end = new Recorder(connection);
      sendBulk(connection);
      const closed = connection.close();
      expect(connection.close({ signal: AbortSignal.abort(new Error("at once")) })).toBe(closed);
      await closed;
      await end.closed();
      expect(end.code).toBe("at once");
    });

    it("is forgotten once it is done", async () => {
      const [left, right] = rig.join();
      new Recorder(right).consume();
      const end = new Recorder(left);
      const controller = new AbortController();
      await left.close({ signal: controller.signal });
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      controller.abort();
      await left.close({ signal: controller.signal });
      await turns();
      expect(end.closes).toEqual([undefined]);
    });
  });
}
