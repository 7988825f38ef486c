import { FrameEncoder } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turn, turns } from "../until.js";

const letters = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + (i % 26)));
const frames = (texts: readonly string[]): Uint8Array => new FrameEncoder().encodeBatch(texts.map(bytes));

/** A flood of tiny frames does not hold the turn, and loses none of them. */
export function turnsContract(carrier: Carrier): void {
  describe("frames per turn", () => {
    const rig = new Rig(carrier);

    /** Lets turns go by, of a loop or of timers driven by hand, until all is as expected. */
    async function until(done: () => boolean): Promise<void> {
      for (let i = 0; i < 2_000 && !done(); i++) {
        rig.pass(0);
        await turn();
      }
    }

    it("delivers no more than it may at a stretch, and all of them in order", async () => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 10 });
      let stretch = 0;
      let longest = 0;
      const end = new Recorder(connection).consume(() => {
        if (stretch++ === 0) queueMicrotask(() => (stretch = 0));
        longest = Math.max(longest, stretch);
      });
      peer.stream.write(frames(letters(995)));
      await until(() => end.messages.length === 995);
      expect(end.texts).toEqual(letters(995));
      // Two stretches look like one where no microtask runs between the turns of a loop.
      expect(longest).toBeLessThanOrEqual(20);
    });

    it("tells the peer's end after all of them", async () => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 3 });
      const end = new Recorder(connection).consume();
      let before = 0;
      connection.onEnd = () => {
        before = end.messages.length;
      };
      peer.stream.write(frames(letters(100)));
      peer.stream.end();
      await until(() => end.closes.length > 0);
      expect([before, end.texts, end.code]).toEqual([100, letters(100), "none"]);
    });

    it("tells a reset after all of them, and sends nothing meanwhile", async () => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 4 });
      const end = new Recorder(connection).consume();
      peer.stream.write(frames(letters(19)));
      await peer.flushed();
      await end.received(4);
      peer.stream.abort();
      await until(() => end.closes.length > 0);
      expect([end.texts, end.code, end.closes.length]).toEqual([letters(19), "ECONNRESET", 1]);
    });

    it.each(["send", "sendSlice"] as const)("drops with %s what answers the messages before a reset", async (way) => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 4 });
      const end = new Recorder(connection).consume((message) => {
        const goesOn = way === "send" ? connection.send(message) : connection.sendSlice(message, 0, message.length);
        if (!goesOn) connection.pause();
      });
      peer.stream.write(frames(letters(19)));
      await peer.flushed();
      await end.received(4);
      peer.stream.abort();
      await until(() => end.closes.length > 0);
      expect([end.texts, end.closes.length]).toEqual([letters(19), 1]);
      expect(["ECONNRESET", "EPIPE"]).toContain(end.code);
      expect(() => connection.send(bytes("late"))).toThrow(expect.objectContaining({ code: "ERR_CONNECTION_CLOSED" }));
    });

    it("delivers the rest after a pause", async () => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 4 });
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length % 3 === 0) connection.pause();
      });
      peer.stream.write(frames(letters(40)));
      await until(() => {
        connection.resume();
        return end.messages.length === 40;
      });
      expect(end.texts).toEqual(letters(40));
    });

    it.each(["abort", "close"] as const)("delivers nothing more after %s()", async (ending) => {
      const [connection, peer] = rig.joinRaw({ maxFramesPerTurn: 4 });
      const end = new Recorder(connection).consume();
      peer.stream.write(frames(letters(19)));
      await end.received(4);
      void connection[ending]();
      const delivered = end.messages.length;
      rig.pass(0);
      await turns();
      expect(end.messages.length).toBe(delivered);
    });
  });
}
