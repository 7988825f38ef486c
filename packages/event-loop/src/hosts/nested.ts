import type { NodeLoop } from "@p2pnet/sys";
import type { WaitingBackend } from "../backend.js";
import type { Host, Hosted } from "./host.js";
import { keepAlive } from "./keep-alive.js";
import { NodeWatch } from "./node-watch.js";

/** Waits in one go before Node gets its turn, however busy the sockets are. */
const ROUNDS = 64;

/**
 * Runs a waiting backend inside Node's loop, beside Node's own work: libuv's descriptor is one of those that the backend
 * watches, and no wait is longer than libuv's own would be. So timers stay exact and an idle program uses no CPU.
 */
export class NestedHost implements Host {
  /** How many run on this thread. */
  static running = 0;
  readonly #loop: Hosted;
  readonly #backend: WaitingBackend;
  readonly #node: NodeLoop;
  readonly #nodeWatch: NodeWatch;
  #immediate: NodeJS.Immediate | null = null;
  #keepAlive: NodeJS.Timeout | null = null;
  #referenced = true;

  constructor(loop: Hosted, backend: WaitingBackend, node: NodeLoop) {
    this.#loop = loop;
    this.#backend = backend;
    this.#node = node;
    this.#nodeWatch = new NodeWatch(node.backendFd);
  }

  start(): void {
    this.#backend.add(this.#nodeWatch);
    NestedHost.running++;
    // With no active handle at all libuv's timeout reads 0 for ever, and the loop would spin.
    this.#keepAlive = keepAlive();
    this.#immediate = setImmediate(this.#turn);
    if (!this.#referenced) this.#keepAlive.unref();
  }

  stop(): void {
    NestedHost.running--;
    this.#backend.remove(this.#nodeWatch);
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#keepAlive = null;
    this.#immediate = null;
  }

  /** Whatever happens between turns happens in Node's phases, and a turn follows them. */
  poke(): void {}

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (referenced) this.#keepAlive?.ref();
    else this.#keepAlive?.unref();
  }

  readonly #turn = (): void => {
    const immediate = setImmediate(this.#turn);
    this.#immediate = immediate;
    // Unreferenced during the turn: a referenced immediate makes libuv's timeout 0.
    immediate.unref();
    this.#loop.timers.update();
    this.#loop.endTurn();
    // Unreferenced as a whole, with nothing of Node's alive: let the process end, and go on if something revives it.
    if (!this.#referenced && !this.#node.alive()) return;
    try {
      for (let round = 0; round < ROUNDS && this.#round(); round++);
    } finally {
      // A handler may have stopped the loop, and may even have started it anew.
      if (this.#immediate === immediate) {
        if (this.#loop.busy) immediate.ref();
        else this.#loop.finished();
      }
    }
  };

  /** One wait and what comes of it. False when Node should have its turn. */
  #round(): boolean {
    const loop = this.#loop;
    if (!loop.busy || this.#immediate === null) return false;
    // Or a timer of Node's that came due during a long callback would fire late.
    this.#node.updateTime();
    const nodeDelay = this.#node.timeout();
    const ownDelay = loop.delay();
    const delay = nodeDelay === -1 ? ownDelay : ownDelay === -1 ? nodeDelay : Math.min(nodeDelay, ownDelay);
    const told = loop.waitAndDeliver(delay);
    loop.endTurn();
    const nodeReady = this.#nodeWatch.takeReady();
    return told > 0 && nodeDelay !== 0 && !nodeReady;
  }
}
