import type { Host, Hosted } from "./host.js";
import { keepAlive } from "./keep-alive.js";
import type { Source } from "./source.js";

/** Lets Node's own loop drive: a source says that there is something to do, and the turn is an immediate right after. */
export class DrivenHost implements Host {
  readonly #loop: Hosted;
  readonly #source: Source;
  #running = false;
  #referenced = true;
  #keepAlive: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;

  constructor(loop: Hosted, source: Source) {
    this.#loop = loop;
    this.#source = source;
  }

  start(): void {
    this.#source.start(() => this.poke());
    this.#running = true;
    this.#keepAlive = keepAlive();
    if (!this.#referenced) this.#keepAlive.unref();
    this.poke();
  }

  stop(): void {
    this.#running = false;
    this.#source.stop();
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#keepAlive = null;
    this.#clearTimeout();
    // A turn under way ends as any other: what it wrote leaves, and what its handlers threw is told.
    if (!this.#loop.inTurn) this.#clearImmediate();
  }

  poke(): void {
    if (this.#immediate === null && (this.#running || this.#loop.inTurn)) this.#immediate = setImmediate(this.#turn);
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#source.setReferenced(referenced);
    for (const timer of [this.#keepAlive, this.#timeout]) {
      if (referenced) timer?.ref();
      else timer?.unref();
    }
  }

  readonly #turn = (): void => {
    this.#clearTimeout();
    this.#clearImmediate();
    try {
      this.#loop.timers.update();
      if (this.#running) this.#loop.waitAndDeliver(0);
    } finally {
      this.#loop.endTurn();
      if (this.#running) this.#rest();
    }
  };

  /** Until the next timer, unless a turn comes earlier. */
  #rest(): void {
    if (!this.#loop.busy) return this.#loop.finished();
    const delay = this.#loop.delay();
    if (delay === -1 || this.#immediate !== null) return;
    this.#timeout = setTimeout(this.#turn, delay);
    if (!this.#referenced) this.#timeout.unref();
  }

  #clearTimeout(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#timeout = null;
  }

  #clearImmediate(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
  }
}
