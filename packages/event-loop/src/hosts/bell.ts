import type { Watched } from "../backend.js";
import { type Interest, READABLE } from "../interest.js";

/** A descriptor that a backend watches for somebody else: libuv, or another loop's backend. It is not told, it is asked. */
export class Bell implements Watched {
  readonly sequence = 0;
  readonly interest: Interest = READABLE;
  readonly ofLoop: boolean = true;
  readonly handle: number;
  #rung = false;

  constructor(handle: number) {
    this.handle = handle;
  }

  ring(): void {
    this.#rung = true;
  }

  /** Whether it rang since it was asked last. */
  takeRing(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
