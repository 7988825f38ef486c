import { type NodeWatch, watchOnNodeLoop } from "@p2pnet/sys";
import type { Source } from "./source.js";

/**
 * Node's loop watches the descriptor of a waiting backend. For a thread's second loop: two nested ones would each keep
 * the other from sleeping. Slower than nested, for libuv comes in between.
 */
export class DescriptorSource implements Source {
  readonly #descriptor: number;
  #watch: NodeWatch | null = null;
  #referenced = true;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  start(ready: () => void): void {
    this.#watch = watchOnNodeLoop(this.#descriptor, { readable: true, writable: false }, ready);
    if (!this.#referenced) this.#watch.unref();
  }

  stop(): void {
    this.#watch?.close();
    this.#watch = null;
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (referenced) this.#watch?.ref();
    else this.#watch?.unref();
  }
}
