import type { load } from "koffi";

/** A function of a C library: what it takes and returns is as its declaration says. */
export interface CFunction {
  (...args: readonly (number | string | ArrayBufferView | null)[]): number;
  /** Calls it on a thread of the FFI library's pool; the last argument is what is called on this one afterwards. */
  async(...args: readonly unknown[]): void;
}

export type CLibrary = ReturnType<typeof load>;
