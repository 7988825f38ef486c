import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { bytes } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

/** A peer that sends no frames loses its connection, after what it said before. */
export function brokenFramesContract(carrier: Carrier): void {
  describe("broken frames", () => {
    const rig = new Rig(carrier);

    it.each([
      ["a length of 0", {}, [0, 0, 0, 0], "ERR_FRAME_EMPTY"],
      ["a length of 1 MiB and 1", {}, [0, 0x10, 0, 1], "ERR_FRAME_TOO_LARGE"],
      ["a length of 4 GiB", {}, [0xff, 0xff, 0xff, 0xff], "ERR_FRAME_TOO_LARGE"],
      ["a varint without end", { lengthField: "varint" }, Array(9).fill(0x80), "ERR_FRAME_HEADER"],
    ] as const)("end the connection: %s", async (_, frame, header, code) => {
      const [connection, peer] = rig.joinRaw({ frame });
      const end = new Recorder(connection).consume();
      peer.stream.resume();
      peer.stream.write(encodeFrame(bytes("fine"), frame));
      peer.stream.write(Uint8Array.from(header));
      await end.closed();
      expect(end.texts).toEqual(["fine"]);
      expect(end.code).toBe(code);
      await peer.failed();
      expect(peer.error?.code).toBe("ECONNRESET");
    });

    it.each([
      ["header", [0, 0, 0]],
      ["payload", [0, 0, 0, 3, 65, 66]],
    ])("an end inside a %s is no clean end", async (_, cut) => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      peer.stream.write(encodeFrame(bytes("fine")));
      peer.stream.write(Uint8Array.from(cut));
      peer.stream.end();
      await end.closed();
      await turns();
      expect(end.texts).toEqual(["fine"]);
      expect([end.code, end.ends, end.closes.length]).toEqual(["ERR_FRAME_TRUNCATED", 0, 1]);
    });

    it("are found when the consumer gets there, not before", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume(() => {
        if (end.messages.length === 1) connection.pause();
      });
      peer.stream.write(encodeFrame(bytes("one")));
      peer.stream.write(encodeFrame(bytes("two")));
      peer.stream.write(Uint8Array.of(0, 0, 0, 0));
      await end.received(1);
      await turns();
      expect(end.code).toBeUndefined();
      connection.resume();
      await end.closed();
      expect([end.texts, end.code]).toEqual([["one", "two"], "ERR_FRAME_EMPTY"]);
    });
  });
}
