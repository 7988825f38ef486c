import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NativeMemory, type System } from "../../src/index.js";
import { addressOf, succeeded } from "../handle-pair.js";
import { inMemory } from "./message.js";
import { PollRecord, untilReadable } from "./poll-record.js";

/** What every system's calls do with UDP sockets. */
export function datagramContract(sys: System): void {
  const { constants } = sys;
  const open = (): number => {
    const handle = succeeded("socket", sys.socket(constants.AF_INET, constants.SOCK_DGRAM, 0));
    succeeded("bind", sys.bind(handle, sys.addresses.encode({ family: 4, address: "127.0.0.1", port: 0 })));
    return handle;
  };

  describe("datagrams", () => {
    const memory = new NativeMemory(16);
    const from = new Uint8Array(sys.addresses.maxSize);
    let left: number;
    let right: number;
    beforeEach(() => {
      left = open();
      right = open();
    });
    afterEach(() => {
      for (const handle of [left, right]) sys.close(handle);
    });
    const toRight = (...bytes: number[]): number =>
      sys.sendTo(left, inMemory(...bytes).address, bytes.length, addressOf(right, sys));

    it("say whom they come from", () => {
      expect(sys.recvFrom(right, memory.address, 16, from)).toBe(-constants.EAGAIN);
      expect(toRight(1, 2, 3)).toBe(3);
      untilReadable(sys, right);
      expect(sys.recvFrom(right, memory.address, 16, from)).toBe(3);
      expect([...memory.bytes.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
      expect(sys.addresses.decode(from)).toEqual(sys.addresses.decode(addressOf(left, sys)));
    });

    it("may be empty", () => {
      expect(toRight()).toBe(0);
      untilReadable(sys, right);
      expect(sys.recvFrom(right, memory.address, 16, from)).toBe(0);
      expect(sys.recvFrom(right, memory.address, 16, from)).toBe(-constants.EAGAIN);
    });

    it("are cut to the room for them, which recvFrom tells and recv does not", () => {
      for (let sent = 0; sent < 3; sent++) toRight(1, 2, 3, 4, 5);
      untilReadable(sys, right);
      memory.bytes.fill(0);
      expect(sys.recvFrom(right, memory.address, 3, from)).toBe(4);
      expect([...memory.bytes.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
      expect(sys.addresses.decode(from)).toEqual(sys.addresses.decode(addressOf(left, sys)));
      untilReadable(sys, right);
      expect(sys.recv(right, memory.address, 3, 0)).toBe(3);
      untilReadable(sys, right);
      expect(sys.recvFrom(right, memory.address, 5, from)).toBe(5);
    });

    it("that are too long are refused", () => {
      const large = new NativeMemory(70_000);
      expect(sys.sendTo(left, large.address, 70_000, addressOf(right, sys))).toBe(-constants.EMSGSIZE);
    });

    it("to a port that nobody has do no harm to a socket that hears from all", () => {
      const nobody = addressOf(right, sys);
      sys.close(right);
      expect(sys.sendTo(left, memory.address, 1, nobody)).toBe(1);
      new PollRecord(sys, left, constants.POLLIN).wait(20);
      right = open();
      expect(sys.sendTo(right, memory.address, 2, addressOf(left, sys))).toBe(2);
      untilReadable(sys, left);
      expect(sys.recvFrom(left, memory.address, 16, from)).toBe(2);
    });

    it("go to and come from the peer alone once connected", () => {
      const third = open();
      expect(sys.connect(left, addressOf(right, sys))).toBe(0);
      expect(sys.sendTo(third, memory.address, 1, addressOf(left, sys))).toBe(1);
      expect(sys.sendTo(right, memory.address, 2, addressOf(left, sys))).toBe(2);
      untilReadable(sys, left);
      expect(sys.recv(left, memory.address, 16, 0)).toBe(2);
      expect(sys.recv(left, memory.address, 16, 0)).toBe(-constants.EAGAIN);
      expect(sys.send(left, memory.address, 4)).toBe(4);
      untilReadable(sys, right);
      expect(sys.recv(right, memory.address, 16, 0)).toBe(4);
      sys.close(third);
    });
  });
}
