import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import type { MessageConnection } from "../../src/index.js";
import { bytes } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns, until } from "../until.js";

const CALLBACKS = ["onMessage", "onDrain", "onEnd", "onClose"] as const;
const ACTIONS = {
  send: (connection: MessageConnection) => void connection.send(bytes("!")),
  pause: (connection: MessageConnection) => connection.pause(),
  resume: (connection: MessageConnection) => connection.resume(),
  close: (connection: MessageConnection) => void connection.close(),
  abort: (connection: MessageConnection) => connection.abort(),
};
const CASES = CALLBACKS.flatMap((callback) =>
  (Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]).map((action) => ({ callback, action })),
);

/** Whatever a callback does to its own connection, the connection ends once and well. */
export function callbacksContract(carrier: Carrier): void {
  describe("callbacks", () => {
    const rig = new Rig(carrier);

    it.each(CASES)("may call $action from $callback", async ({ callback, action }) => {
      const [connection, peer] = rig.joinRaw({ highWaterMark: 1 });
      const end = new Recorder(connection).consume();
      const outcomes: string[] = [];
      const recorded = connection[callback] as ((argument?: never) => void) | null;
      connection[callback] = (argument?: unknown) => {
        recorded?.(argument as never);
        if (outcomes.length > 0) return;
        try {
          ACTIONS[action](connection);
          outcomes.push("done");
        } catch (error) {
          outcomes.push((error as NodeJS.ErrnoException).code ?? "?");
        }
      };
      // A life with everything in it, as far as the connection lives it.
      peer.stream.resume();
      connection.send(bytes("hello"));
      await until("the peer to get it, or a reset", () => peer.length >= 9 || peer.error !== undefined);
      await turns(3);
      peer.stream.write(encodeFrame(bytes("hello")));
      await turns(3);
      connection.resume();
      peer.stream.end();
      await turns(3);
      connection.resume();
      await end.closed();
      await turns(3);

      const refused = callback === "onClose" && action === "send";
      expect(outcomes).toEqual([refused ? "ERR_CONNECTION_CLOSED" : "done"]);
      const aborted = action === "abort" && callback !== "onClose";
      expect([end.code, end.closes.length]).toEqual([aborted ? "ERR_CONNECTION_CLOSED" : "none", 1]);
      if (action === "send") expect(peer.length).toBe(callback === "onClose" ? 9 : 14);
    });

    it("closes although onEnd throws, and reports it", async () => {
      const [connection, peer] = rig.joinRaw();
      const end = new Recorder(connection).consume();
      connection.onEnd = () => {
        throw new Error("in onEnd");
      };
      peer.stream.end();
      await end.closed();
      await turns(3);
      expect(end.code).toBe("none");
      expect(rig.takeUncaught()).toEqual([new Error("in onEnd")]);
    });

    it("goes on although onDrain throws, and reports it", async () => {
      const [connection, peer] = rig.joinRaw({ highWaterMark: 1 });
      connection.onDrain = () => {
        throw new Error("in onDrain");
      };
      peer.stream.resume();
      connection.send(bytes("one"));
      await peer.received(7);
      await turns(3);
      connection.send(bytes("two"));
      await peer.received(14);
      await connection.drained();
      await turns(3);
      expect(connection.open).toBe(true);
      expect(rig.takeUncaught()).toEqual([new Error("in onDrain"), new Error("in onDrain")]);
    });

    it("may be taken away", async () => {
      const [connection, peer] = rig.joinRaw({ highWaterMark: 1 });
      new Recorder(connection).consume();
      connection.onEnd = null;
      connection.onDrain = null;
      connection.onClose = null;
      peer.stream.resume();
      connection.send(bytes("hello"));
      peer.stream.end();
      await connection.closed;
      await peer.received(9);
      expect(connection.open).toBe(false);
    });
  });
}
