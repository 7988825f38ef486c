import { NativeMemory, type System } from "../../src/index.js";

/** One record for `poll`. */
export class PollRecord {
  readonly #sys: System;
  readonly #memory: NativeMemory;
  readonly #view: DataView;

  constructor(sys: System, handle: number, events: number) {
    const { size, fields } = sys.layouts.pollfd;
    this.#sys = sys;
    this.#memory = new NativeMemory(size);
    this.#view = new DataView(this.#memory.bytes.buffer);
    if (fields.fd.size === 8) this.#view.setBigInt64(fields.fd.offset, BigInt(handle), true);
    else this.#view.setInt32(fields.fd.offset, handle, true);
    this.#view.setInt16(fields.events.offset, events, true);
  }

  get address(): number {
    return this.#memory.address;
  }

  /** What the last wait found. */
  get found(): number {
    return this.#view.getInt16(this.#sys.layouts.pollfd.fields.revents.offset, true);
  }

  wait(timeoutMs: number): number {
    return this.#sys.poll(this.address, 1, timeoutMs);
  }
}

/** Waits until the handle is readable. */
export function untilReadable(sys: System, handle: number): void {
  new PollRecord(sys, handle, sys.constants.POLLIN).wait(-1);
}
