import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import type { ConnectionOptions, MessageConnection } from "../../src/index.js";
import { bytes, pattern } from "../bytes.js";
import type { Carrier } from "../carrier.js";
import type { RawPeer } from "../raw-peer.js";
import { Recorder } from "../recorder.js";
import { Rig } from "../rig.js";
import { turns } from "../until.js";

interface Ending {
  readonly name: string;
  readonly options?: ConnectionOptions;
  /** What `onClose` is told: a code, or "none". */
  readonly code: string;
  provoke(connection: MessageConnection, peer: RawPeer, pass: (ms: number) => void): void;
}

const small = { maxQueuedBytes: 1, frame: { maxLength: 100 } };

const ENDINGS: readonly Ending[] = [
  {
    name: "close()",
    code: "none",
    provoke(connection, peer) {
      void connection.close();
      peer.stream.end();
    },
  },
  {
    name: "close() without the peer's end",
    code: "none",
    provoke(connection, _, pass) {
      void connection.close({ drainTimeoutMs: 0 });
      pass(0);
    },
  },
  { name: "break", code: "none", provoke: (_, peer) => peer.stream.end() },
  { name: "the peer's end", code: "none", provoke: (_, peer) => peer.stream.end() },
  { name: "the peer's close", code: "none", provoke: (_, peer) => peer.stream.close() },
  { name: "abort()", code: "ERR_CONNECTION_CLOSED", provoke: (connection) => connection.abort() },
  { name: "the peer's abort", code: "ECONNRESET", provoke: (_, peer) => peer.stream.abort() },
  { name: "an empty frame", code: "ERR_FRAME_EMPTY", provoke: (_, peer) => peer.stream.write(new Uint8Array(4)) },
  {
    name: "a truncated frame",
    code: "ERR_FRAME_TRUNCATED",
    provoke(_, peer) {
      peer.stream.write(new Uint8Array(3));
      peer.stream.end();
    },
  },
  {
    name: "the idle timeout",
    options: { idleTimeoutMs: 10 },
    code: "ERR_IDLE_TIMEOUT",
    provoke: (_connection, _peer, pass) => pass(10),
  },
  {
    name: "the hard cap",
    options: small,
    code: "ERR_SLOW_PEER",
    provoke(connection) {
      while (connection.open) connection.send(pattern(100));
    },
  },
];

/** Whatever ends a connection, everyone who waits hears of it, once. */
export function everyEndingContract(carrier: Carrier): void {
  describe("every ending", () => {
    const rig = new Rig(carrier);

    it.each(ENDINGS)("is told once, from outside of any call: $name", async ({ name, options, code, provoke }) => {
      const [connection, peer] = rig.joinRaw(options);
      const end = new Recorder(connection);
      peer.stream.write(encodeFrame(bytes("first")));
      const iterator = connection[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next().then(
        ({ done }) => (done ? "none" : "a message"),
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (name === "break") void iterator.return?.();
      provoke(connection, peer, (ms) => rig.pass(ms));
      expect(end.closes.length, "onClose inside of a call").toBe(0);

      await connection.closed;
      await connection.drained();
      expect(await waiting).toBe(code);
      await turns();
      expect([end.code, end.closes.length]).toEqual([code, 1]);
      expect(end.ends).toBe(["the peer's end", "the peer's close"].includes(name) ? 1 : 0);
      expect([connection.open, connection.bufferedBytes]).toEqual([false, 0]);
      expect(() => connection.send(bytes("x"))).toThrow(expect.objectContaining({ code: "ERR_CONNECTION_CLOSED" }));
    });

    it.each(ENDINGS)("leaves nothing to do for later calls: $name", async ({ options, code, provoke }) => {
      const [connection, peer] = rig.joinRaw(options);
      const end = new Recorder(connection).consume();
      provoke(connection, peer, (ms) => rig.pass(ms));
      if (connection.open) await turns();
      if (connection.open) void connection.close();
      await end.closed();
      connection.pause();
      connection.resume();
      connection.onMessage = () => {};
      connection.abort();
      await connection.close();
      await connection.close({ drainTimeoutMs: 1 });
      await turns();
      expect(end.closes.length).toBe(1);
      expect(rig.timers.size).toBe(0);
      if (code !== "none") expect(end.code).toBe(code);
    });
  });
}
