import { type NodeWatch, watchOnNodeLoop } from "@p2pnet/sys";
import { DrivenHost } from "./driven.js";
import type { Host, Hosted } from "./host.js";

/**
 * Runs a waiting backend from Node's loop, which watches the backend's own descriptor. For a thread's second loop: two
 * nested ones would each keep the other from sleeping. Slower than nested, for libuv comes in between.
 */
export class WatchedHost implements Host {
  readonly #loop: Hosted;
  readonly #descriptor: number;
  readonly #driven: DrivenHost;
  #watch: NodeWatch | null = null;
  #referenced = true;

  constructor(loop: Hosted, descriptor: number) {
    this.#loop = loop;
    this.#descriptor = descriptor;
    this.#driven = new DrivenHost(loop, this);
  }

  start(): void {
    this.#watch = watchOnNodeLoop(this.#descriptor, { readable: true, writable: false }, () => {
      this.#loop.waitAndDeliver(0);
      this.#driven.poke();
    });
    if (!this.#referenced) this.#watch.unref();
    this.#driven.start();
  }

  stop(): void {
    this.#driven.stop();
    this.#watch?.close();
    this.#watch = null;
  }

  poke(): void {
    this.#driven.poke();
  }

  setReferenced(referenced: boolean): void {
    if (referenced === this.#referenced) return;
    this.#referenced = referenced;
    if (referenced) this.#watch?.ref();
    else this.#watch?.unref();
    this.#driven.setReferenced(referenced);
  }
}
