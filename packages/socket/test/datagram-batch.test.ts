import { replaceSystem, type System, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DatagramBatch, Socket, WOULD_BLOCK } from "../src/index.js";
import { batchContract } from "./contract/batches.js";
import { bytes, errorOf, Loopback, text, waitFor } from "./loopback.js";
import { withLoopback } from "./socket-contract.js";

const original = system();
const { EAGAIN, ECONNREFUSED, ENOBUFS } = original.constants;
const together: Partial<System> = { sendMessages: () => -EAGAIN, recvMessages: () => -ENOBUFS };
const oneByOne: Partial<System> = { recvMessages: null, sendMessages: null };

const ways: [string, Partial<System>][] = [["one call for each datagram", oneByOne]];
if (original.recvMessages !== null) ways.unshift(["one call for many datagrams", {}]);

describe.each(ways)("a batch, with %s", (_, calls) => {
  beforeEach(() => {
    replaceSystem({ ...original, ...calls });
  });
  afterEach(() => {
    replaceSystem(original);
  });
  for (const family of [4, 6] as const) {
    for (const blocking of [false, true]) withLoopback({ kind: "udp", family, blocking }, batchContract);
  }
});

describe("a batch", () => {
  it("has room for so many datagrams of such a size", () => {
    expect(new DatagramBatch()).toMatchObject({ capacity: 64, size: 2048, length: 0 });
    const batch = new DatagramBatch({ capacity: 2, size: 3 });
    expect([batch.push(bytes("abc")), batch.push(bytes("d")), batch.push(bytes("e"))]).toEqual([true, true, false]);
    expect(batch.length).toBe(2);
    expect(() => batch.push(bytes("long"))).toThrow(
      expect.objectContaining({
        code: "ERR_OUT_OF_RANGE",
        message: "bytes.length: expected an integer from 0 to 3, got 4",
      }),
    );
  });

  it("keeps a copy of what is pushed", () => {
    const batch = new DatagramBatch();
    const message = bytes("before");
    batch.push(message);
    message.fill(0);
    expect(text(batch.bytesAt(0))).toBe("before");
  });

  it("is empty and has all its room again when it was cleared", () => {
    const batch = new DatagramBatch({ capacity: 1 });
    batch.push(bytes("a"));
    batch.clear();
    expect(batch.length).toBe(0);
    expect(batch.push(bytes("b"), { address: "::1", port: 7 })).toBe(true);
    expect(batch.addressAt(0)).toEqual({ family: 6, address: "::1", port: 7 });
    batch.clear();
    batch.push(bytes("c"));
    expect(batch.addressAt(0), "that of another datagram").toBeNull();
  });

  it.each([
    [{ capacity: 0 }, "capacity: expected an integer from 1 to 1024, got 0"],
    [{ capacity: 1025 }, "capacity: expected an integer from 1 to 1024, got 1025"],
    [{ size: 0 }, "size: expected an integer from 1 to 65535, got 0"],
    [{ size: 65_536 }, "size: expected an integer from 1 to 65535, got 65536"],
  ])("is not made with %o", (options, message) => {
    expect(errorOf(() => new DatagramBatch(options))).toMatchObject({ code: "ERR_OUT_OF_RANGE", message });
  });

  it.each([-1, 1, 0.5, Number.NaN])("has no datagram %d where there is one", (index) => {
    const batch = new DatagramBatch();
    batch.push(bytes("a"));
    for (const read of ["bytesAt", "addressAt", "truncatedAt"] as const) {
      expect(errorOf(() => batch[read](index))).toMatchObject({
        name: "SocketError",
        code: "ERR_OUT_OF_RANGE",
        message: `index: expected one of 1 datagrams, got ${index}`,
      });
    }
  });

  it("takes bytes and numeric addresses only", () => {
    const batch = new DatagramBatch();
    const push = (bytes: unknown, to?: unknown): Error => errorOf(() => batch.push(bytes as never, to as never));
    expect(push("text")).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(push(bytes("a"), { port: 1 })).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(push(bytes("a"), { address: "localhost", port: 1 })).toMatchObject({ code: "ERR_INVALID_IP_ADDRESS" });
    expect(push(bytes("a"), { address: "::1", port: -1 })).toMatchObject({ code: "ERR_SOCKET_BAD_PORT" });
    expect(batch.length).toBe(0);
  });
});

describe("a batch whose calls fail", () => {
  let loopback: Loopback;
  beforeEach(() => {
    loopback = new Loopback({ kind: "udp", family: 4, blocking: false });
  });
  afterEach(() => {
    loopback.close();
    replaceSystem(original);
  });

  it("gives what was received before the failure, and then the failure", () => {
    const results = [1, -ECONNREFUSED, 2, -EAGAIN];
    replaceSystem({ ...original, ...oneByOne, recvFrom: () => results.shift()! });
    const socket = loopback.open();
    const batch = new DatagramBatch({ capacity: 4 });
    expect(socket.recvBatch(batch)).toBe(1);
    const error = errorOf(() => socket.recvBatch(batch));
    expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "recvmsg" });
    expect(socket.raised(error)).toBe(true);
    expect(batch.length).toBe(0);
    expect(socket.recvBatch(batch)).toBe(1);
    expect(results).toEqual([]);
  });

  const noRoom: [string, Partial<System>][] = [
    ["each", { ...oneByOne, send: () => -EAGAIN, recvFrom: () => -ENOBUFS }],
  ];
  if (original.recvMessages !== null) noRoom.push(["many", together]);
  it.each(noRoom)("keeps all when there is no room to send them: one call for %s", (_, calls) => {
    replaceSystem({ ...original, ...calls });
    const socket = loopback.open();
    const batch = new DatagramBatch();
    batch.push(bytes("a"));
    batch.push(bytes("b"));
    expect(socket.sendBatch(batch)).toBe(WOULD_BLOCK);
    expect(batch.length).toBe(2);
    expect(errorOf(() => socket.recvBatch(batch))).toMatchObject({ code: "ENOBUFS", syscall: "recvmsg" });
  });

  it("keeps those for which there was no room any more, and takes no others until they are sent", () => {
    let room = 1;
    replaceSystem({
      ...original,
      ...oneByOne,
      send: (handle, address, length) => (room-- > 0 ? original.send(handle, address, length) : -EAGAIN),
    });
    const [left, right] = loopback.pair();
    const batch = new DatagramBatch({ capacity: 2 });
    batch.push(bytes("a"));
    batch.push(bytes("b"));
    expect(left.sendBatch(batch)).toBe(1);
    expect([batch.length, text(batch.bytesAt(0))]).toEqual([1, "b"]);
    expect(batch.push(bytes("c"))).toBe(false);
    room = 1;
    expect(left.sendBatch(batch)).toBe(1);
    expect(batch.push(bytes("c"))).toBe(true);
    waitFor(right, "readable");
    expect(right.recvBatch(batch)).toBe(2);
    expect([0, 1].map((i) => text(batch.bytesAt(i)))).toEqual(["a", "b"]);
  });

  it("does nothing on a closed socket, even when it is empty", () => {
    const socket = Socket.open("udp");
    socket.close();
    expect(errorOf(() => socket.sendBatch(new DatagramBatch()))).toMatchObject({ code: "ERR_SOCKET_CLOSED" });
  });
});
