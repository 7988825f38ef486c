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
    loop.endTurnSync();
    while (this.#running && loop.busy) {
      loop.waitAndDeliver(loop.delay());
      loop.endTurnSync();
    }
    if (this.#running) loop.finished();
  }

  stop(): void {
    this.#running = false;
  }

  poke(): void {}

  setReferenced(): void {}
}
