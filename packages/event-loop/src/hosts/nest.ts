import type { NodeLoop } from "@p2pnet/sys";
import type { WaitingBackend } from "../backend.js";
import { drainMicrotasks } from "../microtasks.js";
import { Bell } from "./bell.js";
import type { Hosted } from "./host.js";
import { keepAlive } from "./keep-alive.js";

/** Waits in one go before Node gets its turn, however busy the sockets are. */
const ROUNDS = 64;
/** The longest wait while there is a loop that the others cannot watch. */
const SLICE_MS = 5;

/** A loop in the nest. */
export interface Member {
  readonly loop: Hosted;
  readonly backend: WaitingBackend;
  /** Whether it keeps the process running. */
  readonly referenced: boolean;
  /** False once it has left. */
  readonly running: boolean;
}

/**
 * The loops that run inside Node's on one thread. One of them waits for all: beside its sockets, its backend watches
 * libuv's descriptor and those of the other loops' backends, and no wait is longer than libuv's own would be, or any
 * loop's. So timers stay exact, an idle program uses no CPU, and several loops do not keep each other from sleeping.
 */
export class Nest {
  readonly #node: NodeLoop;
  #members: readonly Member[] = [];
  #leader: Member | null = null;
  #nodeBell: Bell;
  /** Those of the members whose backends have a descriptor, but for the leader. */
  readonly #bells = new Map<Member, Bell>();
  #immediate: NodeJS.Immediate | null = null;
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(node: NodeLoop) {
    this.#node = node;
    this.#nodeBell = new Bell(node.backendFd);
  }

  /** @throws SystemError as epoll_ctl(2); the member has not joined then */
  join(member: Member): void {
    const members = this.#members;
    try {
      this.#arrange([...members, member]);
    } catch (error) {
      this.#arrange(members);
      throw error;
    }
    // With no active handle at all libuv's timeout reads 0 for ever, and the thread would spin.
    this.#keepAlive ??= keepAlive();
    this.#immediate ??= setImmediate(this.#turn);
    this.updateReferenced();
  }

  leave(member: Member): void {
    this.#arrange(this.#members.filter((other) => other !== member));
    this.updateReferenced();
    if (this.#members.length > 0) return;
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#keepAlive = null;
    this.#immediate = null;
  }

  /** A member's wish to keep the process running has changed. */
  updateReferenced(): void {
    if (this.#referenced()) this.#keepAlive?.ref();
    else this.#keepAlive?.unref();
  }

  #referenced(): boolean {
    return this.#members.some(({ referenced }) => referenced);
  }

  /** Hangs up the bells in the backend of whoever waits for all: one that cannot be watched itself, if there is any. */
  #arrange(members: readonly Member[]): void {
    const previous = this.#leader?.backend;
    for (const bell of [this.#nodeBell, ...this.#bells.values()]) previous?.remove(bell);
    this.#bells.clear();
    this.#members = members;
    this.#leader = null;
    const leader = members.find(({ backend }) => backend.descriptor === null) ?? members[0];
    if (leader === undefined) return;
    this.#nodeBell = new Bell(this.#node.backendFd);
    leader.backend.add(this.#nodeBell);
    this.#leader = leader;
    for (const member of members) {
      const { descriptor } = member.backend;
      if (member === leader || descriptor === null) continue;
      const bell = new Bell(descriptor);
      leader.backend.add(bell);
      this.#bells.set(member, bell);
    }
  }

  readonly #turn = (): void => {
    const immediate = setImmediate(this.#turn);
    this.#immediate = immediate;
    // Unreferenced during the turn: a referenced immediate makes libuv's timeout 0.
    immediate.unref();
    for (const { loop } of this.#members) {
      loop.timers.update();
      loop.endTurn();
    }
    this.#dismissIdle();
    // Nobody is to keep the process running, nor does anything of Node's: let it end, and go on if something revives it.
    if (!this.#referenced() && !this.#node.alive()) return;
    try {
      for (let round = 0; round < ROUNDS && this.#round(); round++);
    } finally {
      // Handlers may have stopped every loop, and may even have started one anew.
      if (this.#immediate === immediate) immediate.ref();
    }
  };

  #dismissIdle(): void {
    for (const { loop, running } of this.#members) {
      if (!running || loop.busy) continue;
      loop.finished();
      // Whoever awaited its run goes on before the others wait.
      drainMicrotasks();
    }
  }

  /** One wait and what comes of it. False when Node should have its turn. */
  #round(): boolean {
    this.#dismissIdle();
    const leader = this.#leader;
    if (leader === null) return false;
    // Or a timer of Node's that came due during a long callback would fire late.
    this.#node.updateTime();
    const nodeDelay = this.#node.timeout();
    for (const { backend } of this.#members) if (backend !== leader.backend) backend.submit?.();
    let told = leader.loop.waitAndDeliver(this.#delay(nodeDelay));
    leader.loop.endTurn();
    for (const member of this.#members) {
      if (member === leader || !member.running) continue;
      const bell = this.#bells.get(member);
      if (bell === undefined || bell.takeRing()) told += member.loop.waitAndDeliver(0);
      member.loop.endTurn();
    }
    return !this.#nodeBell.takeRing() && told > 0 && nodeDelay !== 0;
  }

  #delay(nodeDelay: number): number {
    let delay = nodeDelay;
    for (const { loop } of this.#members) delay = earlier(delay, loop.delay());
    // Without a bell, nobody tells that a loop has something to do.
    return this.#bells.size + 1 < this.#members.length ? earlier(delay, SLICE_MS) : delay;
  }
}

/** The shorter of two waits; -1 is for ever. */
function earlier(one: number, other: number): number {
  if (one === -1) return other;
  return other === -1 ? one : Math.min(one, other);
}
