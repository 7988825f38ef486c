import { isMainThread } from "node:worker_threads";
import type { WaitingBackend } from "../backend.js";
import { drainsMicrotasks } from "../microtasks.js";
import { DoorBell } from "./door-bell.js";
import type { Host, Hosted } from "./host.js";
import { keepAlive } from "./keep-alive.js";

/** Waits in one go before the runtime gets its turn. One where nothing but the runtime runs promises. */
const ROUNDS = drainsMicrotasks ? 64 : 1;
/** The longest wait on another thread: a worker cannot be terminated before it is over. */
const SLICE_MS = 250;
/** How often a loop looks that may not wait, because it is not to keep the process running, or not safe to wait in. */
const LOOK_MS = 5;
/** A worker of Bun or Deno that is terminated during a wait on another thread takes the whole process with it. */
const MAY_PARK = isMainThread || (process.versions["bun"] === undefined && process.versions["deno"] === undefined);

/** Those that wait on another thread. */
const parked = new Set<ParkedHost>();
let heedsExit = false;

/**
 * Runs a waiting backend beside a runtime whose own loop cannot be watched: turns that do not wait while there is
 * something to do, and while there is nothing one wait on a thread of the FFI library's pool. A bell ends that wait when
 * something changes on this thread.
 */
export class ParkedHost implements Host {
  readonly #loop: Hosted;
  readonly #backend: WaitingBackend;
  #running = false;
  #referenced = true;
  #isParked = false;
  #bell: DoorBell | null = null;
  #keepAlive: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;

  constructor(loop: Hosted, backend: WaitingBackend) {
    this.#loop = loop;
    this.#backend = backend;
  }

  start(): void {
    const bell = new DoorBell();
    try {
      this.#backend.add(bell);
    } catch (error) {
      bell.close();
      throw error;
    }
    this.#bell = bell;
    this.#running = true;
    this.#keepAlive = keepAlive();
    if (!this.#referenced) this.#keepAlive.unref();
    this.#turnSoon();
  }

  stop(): void {
    this.#running = false;
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#keepAlive = null;
    this.#clear();
    // The other thread goes on with what it was given: only when it is done may that be taken apart.
    if (this.#isParked) this.#bell?.press();
    else this.#giveUpBell();
  }

  poke(): void {
    // What the other thread waits for may no longer be what is wanted.
    if (this.#isParked) this.#bell?.press();
    if (this.#running && !this.#loop.inTurn) this.#turnSoon();
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (referenced) this.#keepAlive?.ref();
    else this.#keepAlive?.unref();
    if (this.#running) this.poke();
  }

  /** Lets the process end: it would wait for the other thread. */
  leave(): void {
    this.#bell?.press();
  }

  readonly #turn = (): void => {
    this.#clear();
    let told = 1;
    try {
      told = this.#rounds();
    } finally {
      if (this.#running) this.#rest(told);
    }
  };

  /** Waits without waiting until nothing is ready. How many were told by the last one. */
  #rounds(): number {
    const loop = this.#loop;
    loop.timers.update();
    loop.endTurn();
    let told = 0;
    for (let round = 0; round < ROUNDS && this.#running; round++) {
      if (!loop.busy) loop.finished();
      if (!this.#running) break;
      told = loop.waitAndDeliver(0);
      // It rings until the other thread has heard it.
      if (this.#bell?.takeRing()) told--;
      loop.endTurn();
      if (told === 0) break;
    }
    return told;
  }

  /** Until the next timer, unless a turn comes earlier. */
  #rest(told: number): void {
    const delay = told > 0 ? 0 : this.#loop.delay();
    if (delay === 0 && this.#referenced) return this.#turnSoon();
    if (!this.#referenced || !MAY_PARK) return this.#lookLater(delay);
    // Node's timer rather than the wait's end: the pool's threads may all be taken.
    if (delay !== -1) this.#timeout = setTimeout(this.#turn, delay);
    if (!this.#isParked) this.#park();
  }

  #park(): void {
    endWaitsAtExit();
    parked.add(this);
    this.#isParked = true;
    this.#backend.park(SLICE_MS, () => {
      parked.delete(this);
      this.#isParked = false;
      this.#bell?.answer();
      if (this.#running) this.#turnSoon();
      else this.#giveUpBell();
    });
  }

  #lookLater(delay: number): void {
    this.#timeout = setTimeout(this.#turn, delay === -1 ? LOOK_MS : Math.min(delay, LOOK_MS));
    if (!this.#referenced) this.#timeout.unref();
  }

  #turnSoon(): void {
    this.#immediate ??= setImmediate(this.#turn);
  }

  #clear(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timeout = null;
    this.#immediate = null;
  }

  #giveUpBell(): void {
    if (this.#bell === null) return;
    if (!this.#loop.closed) this.#backend.remove(this.#bell);
    this.#bell.close();
    this.#bell = null;
  }
}

/** The end of the process would wait for the other threads. */
function endWaitsAtExit(): void {
  if (heedsExit) return;
  heedsExit = true;
  process.on("exit", () => {
    for (const host of parked) host.leave();
  });
}
