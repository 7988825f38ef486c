import type { Watched } from "../backend.js";
import { type Interest, READABLE } from "../interest.js";

/** Stands for libuv's descriptor in the backend: it is not told, it is asked. */
export class NodeWatch implements Watched {
  readonly sequence = 0;
  readonly interest: Interest = READABLE;
  readonly handle: number;
  #ready = false;

  constructor(handle: number) {
    this.handle = handle;
  }

  setReady(): void {
    this.#ready = true;
  }

  takeReady(): boolean {
    const ready = this.#ready;
    this.#ready = false;
    return ready;
  }
}
