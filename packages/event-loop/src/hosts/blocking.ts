import { drainMicrotasks } from "../microtasks.js";
import type { Host, Hosted } from "./host.js";

/** Owns the thread until the loop is stopped or has nothing left: the fastest, and deaf to the rest of Node. */
export class BlockingHost implements Host {
  readonly #loop: Hosted;
  #running = false;

  constructor(loop: Hosted) {
    this.#loop = loop;
  }

  start(): void {
    const loop = this.#loop;
    this.#running = true;
    loop.timers.update();
    loop.endTurn();
    while (this.#running) {
      if (!loop.busy) return loop.finished();
      loop.waitAndDeliver(loop.delay());
      drainMicrotasks();
      loop.endTurn();
      loop.settleErrorsSync();
    }
  }

  stop(): void {
    this.#running = false;
  }

  poke(): void {}

  setReferenced(): void {}
}
