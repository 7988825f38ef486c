import { win32 as constants } from "./constants/win32.js";
import { win32 as layouts } from "./layouts/win32.js";
import { NativeMemory } from "./memory.js";
import type { WinsockFunctions } from "./winsock-functions.js";

/**
 * SO_RCVTIMEO and SO_SNDTIMEO of blocking sockets as Unix has them. On Windows `accept` and `connect` know nothing of
 * them, and a `recv` whose time is over leaves a socket "in an indeterminate state": so the wait comes first.
 *
 * Source: the pages of `setsockopt` and "SOL_SOCKET Socket Options" of the Windows Sockets 2 reference.
 */
export class WinsockTimeouts {
  readonly #c: WinsockFunctions;
  readonly #record = new NativeMemory(layouts.pollfd.size);
  readonly #view = new DataView(this.#record.bytes.buffer);
  readonly #value = new Uint32Array(1);
  readonly #length = new Int32Array(1);
  /** Winsock does not tell whether a socket blocks. */
  readonly #blocking = new Set<number>();
  /** WSAPoll finds nothing where reading was shut down, although a `recv` does not wait there. */
  readonly #shutForReading = new Set<number>();

  constructor(c: WinsockFunctions) {
    this.#c = c;
  }

  setBlocking(handle: number, isBlocking: boolean): void {
    if (isBlocking) this.#blocking.add(handle);
    else this.#blocking.delete(handle);
  }

  setShutForReading(handle: number): void {
    this.#shutForReading.add(handle);
  }

  /** For a handle that is new or closed: its number may have been another's, or be given out again. */
  forget(handle: number): void {
    this.#blocking.delete(handle);
    this.#shutForReading.delete(handle);
  }

  /** Whether the socket is blocking and has that timeout. */
  has(handle: number, option: "SO_RCVTIMEO" | "SO_SNDTIMEO"): boolean {
    return this.#blocking.size !== 0 && this.#blocking.has(handle) && this.#read(handle, option) !== 0;
  }

  /** Waits for the events up to the timeout. False when it passed; true if there is no such timeout. */
  ready(handle: number, option: "SO_RCVTIMEO" | "SO_SNDTIMEO", events: number): boolean {
    if (!this.has(handle, option)) return true;
    if (option === "SO_RCVTIMEO" && this.#shutForReading.has(handle)) return true;
    const { fields } = layouts.pollfd;
    this.#view.setBigInt64(fields.fd.offset, BigInt(handle), true);
    this.#view.setInt16(fields.events.offset, events, true);
    return this.#c.WSAPoll(this.#record.address, 1, this.#value[0]!) !== 0;
  }

  /** In milliseconds; 0 is none. */
  #read(handle: number, option: "SO_RCVTIMEO" | "SO_SNDTIMEO"): number {
    this.#length[0] = 4;
    const result = this.#c.getsockopt(handle, constants.SOL_SOCKET, constants[option], this.#value, this.#length);
    return result === 0 ? this.#value[0]! : 0;
  }
}
