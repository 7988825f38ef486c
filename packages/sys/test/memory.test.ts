import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { system } from "../src/current-system.js";
import { addressOf, NativeMemory } from "../src/memory.js";
import { connectedPair, type HandlePair } from "./handle-pair.js";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

describe("memory given to system calls by its address", () => {
  let pair: HandlePair;
  beforeEach(() => {
    pair = connectedPair();
  });
  afterEach(() => pair.close());

  it("is written in the middle, and nowhere else", () => {
    const memory = new NativeMemory(12);
    memory.bytes.fill(0xee);
    system().sendBytes(pair.left, Uint8Array.of(1, 2, 3, 4));
    expect(system().recv(pair.right, memory.address + 5, 3, 0)).toBe(3);
    expect([...memory.bytes]).toEqual([0xee, 0xee, 0xee, 0xee, 0xee, 1, 2, 3, 0xee, 0xee, 0xee, 0xee]);
  });

  it("is read from the middle", () => {
    const memory = new NativeMemory(8);
    memory.bytes.set([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(system().send(pair.left, memory.address + 2, 4)).toBe(4);
    const into = new Uint8Array(8);
    expect(system().recvBytes(pair.right, into, 0)).toBe(4);
    expect([...into]).toEqual([3, 4, 5, 6, 0, 0, 0, 0]);
  });

  it("stays where it is, however small, while the garbage collector works", () => {
    const memories = Array.from({ length: 500 }, (_, i) => new NativeMemory(1 + (i % 16)));
    collectGarbage();
    collectGarbage();
    expect(memories.map(({ bytes }) => addressOf(bytes))).toEqual(memories.map(({ address }) => address));
  });

  it("starts out as zeros, in an address space that numbers can count", () => {
    const memory = new NativeMemory(100);
    expect(memory.bytes).toEqual(new Uint8Array(100));
    expect(Number.isSafeInteger(memory.address)).toBe(true);
    expect(memory.address).toBeGreaterThan(0);
  });
});

describe("addressOf", () => {
  it("is that of the first byte of the view, not of its buffer", () => {
    const memory = new NativeMemory(64);
    expect(addressOf(memory.bytes)).toBe(memory.address);
    expect(addressOf(memory.bytes.subarray(10))).toBe(memory.address + 10);
  });
});
