import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NativeMemory, type System } from "../../src/index.js";
import { addressOf, connectedPair, type HandlePair, listening, succeeded } from "../handle-pair.js";
import { GatheringMessage, inMemory } from "./message.js";
import { PollRecord, untilReadable } from "./poll-record.js";

/** What every system's calls do with TCP sockets. */
export function streamContract(sys: System): void {
  const { constants } = sys;
  const open = (): number => succeeded("socket", sys.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
  /** Connected, and not blocking. */
  const connecting = (address: Uint8Array): number => {
    const handle = open();
    expect([0, -constants.EINPROGRESS]).toContain(sys.connect(handle, address));
    new PollRecord(sys, handle, constants.POLLOUT).wait(-1);
    return handle;
  };

  describe("handles", () => {
    it("are non-blocking, accepted ones too", () => {
      const { handle: listener, address } = listening(16, sys);
      expect(sys.accept(listener)).toBe(-constants.EAGAIN);
      const left = connecting(address);
      untilReadable(sys, listener);
      const right = succeeded("accept", sys.accept(listener));
      for (const handle of [left, right]) expect(sys.recvBytes(handle, new Uint8Array(1), 0)).toBe(-constants.EAGAIN);
      for (const handle of [listener, left, right]) expect(sys.close(handle)).toBe(0);
    });

    it("have the wildcard address of their family before they are bound", () => {
      const families = { [constants.AF_INET]: "0.0.0.0", [constants.AF_INET6]: "::" };
      for (const [domain, address] of Object.entries(families)) {
        for (const type of [constants.SOCK_STREAM, constants.SOCK_DGRAM]) {
          const handle = succeeded("socket", sys.socket(Number(domain), type, 0));
          expect(sys.addresses.decode(addressOf(handle, sys))).toMatchObject({ address, port: 0 });
          sys.close(handle);
        }
      }
    });
  });

  describe("calls on connected sockets", () => {
    let pair: HandlePair;
    beforeEach(() => {
      pair = connectedPair(sys);
    });
    afterEach(() => pair.close());

    it("give the lengths of addresses and options", () => {
      const into = new Uint8Array(sys.addresses.maxSize);
      expect(sys.localAddress(pair.left, into)).toBe(sys.layouts.sockaddr_in.size);
      const left = sys.addresses.decode(into);
      expect(sys.remoteAddress(pair.right, into)).toBe(sys.layouts.sockaddr_in.size);
      expect(sys.addresses.decode(into)).toEqual(left);

      const option = new Uint8Array(4);
      expect(sys.getOption(pair.left, constants.SOL_SOCKET, constants.SO_TYPE, option)).toBe(4);
      expect(option[0]).toBe(constants.SOCK_STREAM);
    });

    it("peek at what recv takes", () => {
      const memory = new NativeMemory(8);
      sys.sendBytes(pair.left, Uint8Array.of(7, 8, 9));
      expect(sys.recv(pair.right, memory.address, 8, constants.MSG_PEEK)).toBe(3);
      expect(sys.recv(pair.right, memory.address, 8, 0)).toBe(3);
      expect([...memory.bytes]).toEqual([7, 8, 9, 0, 0, 0, 0, 0]);
    });

    it("send what a msghdr gathers, and another's after it", () => {
      const first = new GatheringMessage(sys, [inMemory(1, 2), inMemory(3, 4, 5)]);
      const second = new GatheringMessage(sys, [inMemory(6)]);
      for (const [message, length] of [
        [first, 5],
        [second, 1],
        [first, 5],
      ] as const) {
        expect(sys.sendMessage(pair.left, message.address)).toBe(length);
      }
      const into = new Uint8Array(16);
      for (let received = 0; received < 11; ) received += sys.recvBytes(pair.right, into.subarray(received), 0);
      expect([...into]).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0]);
    });

    it("give 0 when the peer has finished", () => {
      expect(sys.shutdown(pair.left, constants.SHUT_WR)).toBe(0);
      expect(sys.recvBytes(pair.right, new Uint8Array(8), 0)).toBe(0);
    });

    it("wait no longer than a timeout, and then give EAGAIN", () => {
      const { handle: listener, address } = listening(16, sys);
      sys.setNonBlocking(listener, false);
      for (const handle of [listener, pair.left]) setTimeouts(sys, handle, 30);
      const memory = new NativeMemory(8);
      const waits = [
        () => sys.accept(listener),
        () => sys.recv(pair.left, memory.address, 8, 0),
        () => sys.recvBytes(pair.left, memory.bytes, 0),
      ];
      for (const wait of waits) {
        const before = performance.now();
        expect(wait()).toBe(-constants.EAGAIN);
        expect(performance.now() - before).toBeGreaterThanOrEqual(20);
      }
      const enough = new Uint8Array(1 << 20);
      let result = 0;
      for (let sends = 0; sends < 100 && result >= 0; sends++) result = sys.sendBytes(pair.left, enough);
      expect(result).toBe(-constants.EAGAIN);

      // A timeout does not keep what comes in time from succeeding.
      const client = open();
      sys.setNonBlocking(client, false);
      setTimeouts(sys, client, 5_000);
      expect(sys.connect(client, address)).toBe(0);
      setTimeouts(sys, listener, 5_000);
      const accepted = succeeded("accept", sys.accept(listener));
      sys.sendBytes(accepted, Uint8Array.of(1));
      expect(sys.recvBytes(client, memory.bytes, 0)).toBe(1);
      for (const handle of [listener, client, accepted]) sys.close(handle);
    });
  });

  it("a connect that nobody answers is refused, later or at once", () => {
    const { handle: gone, address } = listening(1, sys);
    sys.close(gone);
    const handle = open();
    const result = sys.connect(handle, address);
    if (result === -constants.EINPROGRESS) {
      new PollRecord(sys, handle, constants.POLLOUT).wait(-1);
      const error = new Int32Array(1);
      sys.getOption(handle, constants.SOL_SOCKET, constants.SO_ERROR, new Uint8Array(error.buffer));
      expect(error[0]).toBe(constants.ECONNREFUSED);
    } else expect(result).toBe(-constants.ECONNREFUSED);
    sys.close(handle);

    const blocking = open();
    sys.setNonBlocking(blocking, false);
    setTimeouts(sys, blocking, 10_000);
    expect(sys.connect(blocking, address)).toBe(-constants.ECONNREFUSED);
    sys.close(blocking);
  });
}

/** Sets both timeouts of a blocking socket. */
function setTimeouts(sys: System, handle: number, timeoutMs: number): void {
  const { SOL_SOCKET, SO_RCVTIMEO, SO_SNDTIMEO } = sys.constants;
  const { timeval } = sys.layouts;
  const value = new Uint8Array(timeval?.size ?? 4);
  const view = new DataView(value.buffer);
  if (timeval === null) view.setUint32(0, timeoutMs, true);
  else {
    view.setUint32(timeval.fields.tv_sec.offset, Math.trunc(timeoutMs / 1000), true);
    view.setUint32(timeval.fields.tv_usec.offset, (timeoutMs % 1000) * 1000, true);
  }
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
    succeeded("setsockopt", sys.setOption(handle, SOL_SOCKET, option, value));
  }
}
