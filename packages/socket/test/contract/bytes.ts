import { NativeMemory, system } from "@p2pnet/sys";
import { expect, it } from "vitest";
import { type Socket, WOULD_BLOCK } from "../../src/index.js";
import { bytes, type Loopback, receive, receiveOutcome, text, waitFor } from "../loopback.js";

/** Sending and receiving. */
export function bytesContract(current: () => Loopback): void {
  it("sends and receives both ways", () => {
    const [left, right] = current().pair();
    expect(left.send(bytes("hello"))).toBe(5);
    expect(text(receive(right, 5))).toBe("hello");
    expect(right.send(bytes("world!"))).toBe(6);
    expect(text(receive(left, 6))).toBe("world!");
  });

  it("receives nothing while nothing came", () => {
    const [left, right] = current().pair();
    expect(right.recv(new Uint8Array(10))).toBe(WOULD_BLOCK);
    left.send(bytes("now"));
    waitFor(right, "readable");
    expect(right.recv(new Uint8Array(10))).toBe(3);
    expect(right.recv(new Uint8Array(10))).toBe(WOULD_BLOCK);
  });

  it("receives 0 at the end, again and again", () => {
    const [left, right] = current().pair();
    left.close();
    expect([receiveOutcome(right), receiveOutcome(right)]).toEqual([0, 0]);
  });

  it("receives as much as there is room for, and keeps the rest", () => {
    const [left, right] = current().pair();
    left.send(bytes("abcdef"));
    waitFor(right, "readable");
    const into = new Uint8Array(8);
    expect(right.recv(into.subarray(2, 6))).toBe(4);
    expect(text(into)).toBe("\0\0abcd\0\0");
    expect(text(receive(right, 2))).toBe("ef");
  });

  it("peeks without taking", () => {
    const [left, right] = current().pair();
    expect(right.peek(new Uint8Array(10))).toBe(WOULD_BLOCK);
    left.send(bytes("abc"));
    waitFor(right, "readable");
    const into = new Uint8Array(10);
    expect(right.peek(into)).toBe(3);
    expect(text(into.subarray(0, 3))).toBe("abc");
    expect(text(receive(right, 3))).toBe("abc");
    left.close();
    waitFor(right, "readable");
    expect(right.peek(into)).toBe(0);
  });

  it("sends from and receives into the middle of native memory", () => {
    const [left, right] = current().pair();
    const memory = new NativeMemory(10);
    memory.bytes.set(bytes("0123456789"));
    expect(left.sendFrom(memory, 3, 4)).toBe(4);
    waitFor(right, "readable");
    const into = new NativeMemory(6);
    expect(right.recvInto(into, 1, 5)).toBe(4);
    expect(text(into.bytes)).toBe("\x003456\0");
    expect(right.recvInto(into, 0, 6)).toBe(WOULD_BLOCK);
    left.close();
    waitFor(right, "readable");
    expect(right.recvInto(into, 0, 6)).toBe(0);
  });

  it.each([
    [0, 0],
    [0, 11],
    [-1, 5],
    [8, 3],
    [10, 1],
    [0, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
  ])("touches no memory outside of what it was given: %d, %d", (offset, length) => {
    const [left] = current().pair();
    const memory = new NativeMemory(10);
    const expected = expect.objectContaining({
      code: "ERR_OUT_OF_RANGE",
      message: `range: expected at least 1 byte within 10, got ${length} bytes at ${offset}`,
    });
    expect(() => left.recvInto(memory, offset, length)).toThrow(expected);
    expect(() => left.sendFrom(memory, offset, length)).toThrow(expected);
  });

  it("sends pieces that a msghdr gathers", () => {
    const [left, right] = current().pair();
    const memory = new NativeMemory(6);
    memory.bytes.set(bytes("abcdef"));
    const message = gather([memory.address + 4, 2], [memory.address, 3]);
    expect(left.sendGathered(message.address)).toBe(5);
    expect(text(receive(right, 5))).toBe("efabc");
  });

  it("takes what fits while the peer does not read, then nothing; and all that it took arrives", () => {
    const [left, right] = current().pair();
    const piece = Uint8Array.from({ length: 1_000_003 }, (_, i) => i % 251);
    let sent = 0;
    for (;;) {
      const taken = left.send(piece.subarray(sent % piece.length));
      if (taken === WOULD_BLOCK) break;
      expect(taken).toBeGreaterThan(0);
      sent += taken;
    }
    // The system may find room for a few more bytes while it passes on those it has.
    const next = new NativeMemory(1);
    for (;;) {
      next.bytes[0] = piece[sent % piece.length]!;
      const taken = left.sendFrom(next, 0, 1);
      if (taken === WOULD_BLOCK) break;
      expect(taken).toBe(1);
      sent++;
    }
    left.shutdown();

    const into = new Uint8Array(1 << 20);
    let received = 0;
    let differences = 0;
    for (let count = waitAndReceive(right, into); count > 0; count = waitAndReceive(right, into)) {
      for (let i = 0; i < count; i++) if (into[i] !== piece[(received + i) % piece.length]) differences++;
      received += count;
    }
    expect(received).toBe(sent);
    expect(differences).toBe(0);
  });

  it("leaves what was sent to the caller", () => {
    const [left, right] = current().pair();
    const message = bytes("before");
    left.send(message);
    message.fill(0);
    expect(text(receive(right, 6))).toBe("before");
  });

  it("sends nothing when given nothing", () => {
    const [left, right] = current().pair();
    expect(left.send(new Uint8Array(0))).toBe(0);
    expect(right.recv(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  it("takes any Uint8Array: of a Buffer, of shared memory, of a part", () => {
    const [left, right] = current().pair();
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    shared.set(bytes("def"));
    left.send(Buffer.from("abc"));
    left.send(shared);
    left.send(bytes("_ghi_").subarray(1, 4));
    const into = Buffer.alloc(9);
    into.set(receive(right, 9));
    expect(into.toString()).toBe("abcdefghi");
  });

  it.each([
    ["a string", "abc"],
    ["an ArrayBuffer", new ArrayBuffer(3)],
    ["numbers of another size", new Uint16Array(3)],
    ["nothing", undefined],
  ])("takes nothing else for bytes: %s", (_, value) => {
    const [left] = current().pair();
    const wrong = value as unknown as Uint8Array;
    const expected = (label: string): unknown =>
      expect.objectContaining({
        code: "ERR_INVALID_ARG_TYPE",
        message: `${label}: expected a Uint8Array, got ${typeof value}`,
      });
    expect(() => left.send(wrong)).toThrow(expected("bytes") as Error);
    expect(() => left.recv(wrong)).toThrow(expected("into") as Error);
    expect(() => left.peek(wrong)).toThrow(expected("into") as Error);
  });

  it("receives into a buffer with room only: 0 is the peer's end", () => {
    const [left] = current().pair();
    const expected = expect.objectContaining({
      code: "ERR_OUT_OF_RANGE",
      message: "into: expected room for at least 1 byte, got 0",
    });
    expect(() => left.recv(new Uint8Array(0))).toThrow(expected);
    expect(() => left.peek(new Uint8Array(0))).toThrow(expected);
  });
}

function waitAndReceive(socket: Socket, into: Uint8Array): number {
  waitFor(socket, "readable");
  return socket.recv(into);
}

/** A `msghdr` of pieces, each an address and a length. */
function gather(...pieces: [address: number, length: number][]): NativeMemory {
  const { msghdr, iovec } = system().layouts;
  const memory = new NativeMemory(msghdr.size + pieces.length * iovec.size);
  const view = new DataView(memory.bytes.buffer);
  view.setBigUint64(msghdr.fields.msg_iov.offset, BigInt(memory.address + msghdr.size), true);
  view.setBigUint64(msghdr.fields.msg_iovlen.offset, BigInt(pieces.length), true);
  for (const [i, [address, length]] of pieces.entries()) {
    const at = msghdr.size + i * iovec.size;
    view.setBigUint64(at + iovec.fields.iov_base.offset, BigInt(address), true);
    view.setBigUint64(at + iovec.fields.iov_len.offset, BigInt(length), true);
  }
  return memory;
}
