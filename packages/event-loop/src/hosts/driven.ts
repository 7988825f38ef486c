import type { PushingBackend } from "../backend.js";
import type { Host, Hosted } from "./host.js";
import { keepAlive } from "./keep-alive.js";

/**
 * Lets Node's own loop drive: a pushing backend delivers from libuv's poll phase, and the turn ends right after that
 * phase, in an immediate.
 */
export class DrivenHost implements Host {
  readonly #loop: Hosted;
  readonly #backend: PushingBackend;
  #running = false;
  #referenced = true;
  #keepAlive: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;
  /** When it comes, on the clock of the loop's timers. */
  #timeoutAt = 0;

  constructor(loop: Hosted, backend: PushingBackend) {
    this.#loop = loop;
    this.#backend = backend;
  }

  start(): void {
    this.#backend.start((watched, ready) => {
      this.#loop.deliver(watched, ready);
      this.poke();
    });
    this.#running = true;
    this.#keepAlive = keepAlive();
    if (!this.#referenced) this.#keepAlive.unref();
    this.poke();
  }

  stop(): void {
    this.#running = false;
    this.#backend.stop();
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
    this.#backend.setReferenced(referenced);
    for (const timer of [this.#keepAlive, this.#timeout]) {
      if (referenced) timer?.ref();
      else timer?.unref();
    }
  }

  readonly #turn = (): void => {
    this.#clearImmediate();
    // A turn that deliveries have begun goes on: a timer that a handler has set in it is for the next.
    if (this.#loop.inTurn) this.#loop.timers.updateNow();
    else this.#loop.timers.update();
    this.#loop.endTurn();
    if (this.#running) this.#rest();
  };

  readonly #timeoutCame = (): void => {
    this.#timeout = null;
    this.#turn();
  };

  /** Until the next timer, unless a turn comes earlier. */
  #rest(): void {
    if (!this.#loop.busy) return this.#loop.finished();
    const delay = this.#loop.delay();
    if (delay === -1) return this.#clearTimeout();
    if (this.#immediate !== null) return;
    // One that comes too early finds nothing to do: setting it anew in each turn would cost more than the turn.
    const at = this.#loop.timers.now + delay;
    if (this.#timeout !== null && this.#timeoutAt <= at) return;
    this.#clearTimeout();
    this.#timeoutAt = at;
    this.#timeout = setTimeout(this.#timeoutCame, delay);
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
