import { ffi } from "./load.js";

/**
 * Memory that system calls can be pointed at, with its address at hand: passing `address + offset` as a number costs
 * half of making a subarray for each call. Whoever passes the address must keep this object alive until the call ends.
 */
export class NativeMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Address of the first byte. Exact as a number: user space ends far below 2^53. */
  readonly address: number;

  /** @param size in bytes, at least 1 */
  constructor(size: number) {
    // Through an ArrayBuffer: V8 keeps small typed arrays inside its own heap, where they may move.
    this.bytes = new Uint8Array(new ArrayBuffer(size));
    this.address = Number(ffi().address(this.bytes));
  }
}

/** The address of the first byte of a view. Costs about 140 ns: for long pieces of the user's memory only. */
export function addressOf(bytes: Uint8Array): number {
  return Number(ffi().address(bytes));
}
