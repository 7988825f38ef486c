import { drainMicrotasks } from "../microtasks.js";
import type { Host, Hosted } from "./host.js";

/** What delivers between the turns: its watches on Node's loop keep the process running, or not. */
export interface Source {
  setReferenced(referenced: boolean): void;
}

/**
 * Lets Node's own loop drive: a pushing backend delivers from libuv's poll phase, and the turn ends right after that
 * phase, in an immediate.
 */
export class DrivenHost implements Host {
  readonly #loop: Hosted;
  readonly #source: Source;
  #running = false;
  #referenced = true;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;

  constructor(loop: Hosted, source: Source) {
    this.#loop = loop;
    this.#source = source;
  }

  start(): void {
    this.#running = true;
    this.poke();
  }

  stop(): void {
    this.#running = false;
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#immediate = null;
    this.#timeout = null;
  }

  poke(): void {
    if (!this.#running || this.#immediate !== null) return;
    this.#immediate = setImmediate(this.#turn);
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#source.setReferenced(referenced);
    if (referenced) this.#timeout?.ref();
    else this.#timeout?.unref();
  }

  readonly #turn = (): void => {
    this.#immediate = null;
    this.#loop.timers.update();
    // libuv's callbacks return without Node's microtask drain: what they resolved still belongs to this turn.
    drainMicrotasks();
    this.#loop.endTurn();
    this.#loop.settleErrors();
    if (!this.#running) return;
    if (this.#loop.busy) this.#sleep();
    else this.#loop.finished();
  };

  #sleep(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#timeout = null;
    const delay = this.#loop.delay();
    if (delay === -1 || this.#immediate !== null) return;
    this.#timeout = setTimeout(this.#turn, delay);
    if (!this.#referenced) this.#timeout.unref();
  }
}
