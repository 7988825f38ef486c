import type { Socket, SocketOwner } from "@p2pnet/socket";
import { type Backend, type Completion, ReadyList, type Watched } from "./backend.js";
import { type DeliveryFailures, deliver } from "./dispatch.js";
import { EventLoopError } from "./errors.js";
import { FlushList } from "./flush-list.js";
import { Bell } from "./hosts/bell.js";
import type { Hosted } from "./hosts/host.js";
import type { Interest, Ready } from "./interest.js";
import { drainMicrotasks } from "./microtasks.js";
import { ReceiveMemory } from "./streams/receive-memory.js";
import { Received } from "./streams/received.js";
import type { Flushable, StreamLoop } from "./streams/stream-loop.js";
import { WriteQueuePool } from "./streams/write-queue-pool.js";
import type { Timers } from "./timers.js";
import type { Uncaught } from "./uncaught.js";
import { HandlersWatch, type ReadinessHandlers, Watch } from "./watch.js";

/** What the reactor tells the loop around it. */
export interface ReactorEvents {
  /** Something happened that a turn must follow. */
  changed(): void;
  finished(): void;
}

/**
 * The inside of the loop: who is watched, what one turn does, and what streams share. Hosts drive it from below, streams
 * use it from above.
 */
export class Reactor implements SocketOwner, StreamLoop, Hosted, DeliveryFailures {
  readonly backend: Backend;
  readonly timers: Timers;
  readonly received: Received = new Received();
  readonly receiveMemory: ReceiveMemory = new ReceiveMemory(this.received);
  readonly queues: WriteQueuePool = new WriteQueuePool(this.received);
  stopping = false;
  readonly #watches = new Map<Socket, Watch>();
  readonly #ready = new ReadyList();
  readonly #uncaught: Uncaught;
  readonly #events: ReactorEvents;
  #flushables = new FlushList();
  #flushing = new FlushList();
  #afterTurn: (() => void)[] = [];
  #inTurn = false;
  #woken = false;
  #closed = false;

  constructor(backend: Backend, timers: Timers, uncaught: Uncaught, events: ReactorEvents) {
    this.backend = backend;
    this.timers = timers;
    this.#uncaught = uncaught;
    this.#events = events;
  }

  get size(): number {
    return this.#watches.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get busy(): boolean {
    if (this.#closed) return false;
    return this.#watches.size > 0 || this.timers.size > 0 || this.#flushables.length > 0;
  }

  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** Calls `callback` when the turn under way is over, or at once if there is none. */
  afterTurn(callback: () => void): void {
    if (this.#inTurn) this.#afterTurn.push(callback);
    else callback();
  }

  /** @throws EventLoopError `ERR_SOCKET_NOT_REGISTERED` */
  watchOf(socket: Socket): Watch {
    const watch = this.#watches.get(socket);
    if (watch !== undefined) return watch;
    throw new EventLoopError("ERR_SOCKET_NOT_REGISTERED", "socket: expected one that this loop watches, got another");
  }

  watch(socket: Socket, handlers: ReadinessHandlers, interest: Interest): Watch {
    const watch = new HandlersWatch(socket, handlers);
    this.register(watch);
    try {
      this.setInterest(watch, interest);
    } catch (error) {
      this.unwatch(watch);
      throw error;
    }
    return watch;
  }

  register(watch: Watch): void {
    if (this.#closed) throw new EventLoopError("ERR_LOOP_CLOSED", "loop: expected an open one, got a closed one");
    watch.socket.claim(this);
    this.#watches.set(watch.socket, watch);
    this.#events.changed();
  }

  /** No interest means removed from the kernel's set: there, a paused socket whose peer resets would be ready for ever. */
  setInterest(watch: Watch, interest: Interest): void {
    const previous = watch.interest;
    if (!watch.active || interest === previous) return;
    watch.interest = interest;
    try {
      if (previous === 0) this.backend.add(watch);
      else if (interest === 0) this.backend.remove(watch);
      else this.backend.modify(watch);
    } catch (error) {
      watch.interest = previous;
      throw error;
    }
    this.#events.changed();
  }

  unwatch(watch: Watch): void {
    if (!watch.active) return;
    const { interest } = watch;
    watch.active = false;
    watch.interest = 0;
    this.#watches.delete(watch.socket);
    watch.socket.disown(this);
    this.#events.changed();
    if (interest !== 0) this.backend.remove(watch);
  }

  /** A socket is about to close. */
  release(socket: Socket): void {
    const watch = this.#watches.get(socket);
    if (watch !== undefined) this.unwatch(watch);
  }

  atTurnEnd(stream: Flushable): void {
    this.#flushables.push(stream);
    if (this.#flushables.length === 1) this.#events.changed();
  }

  wake(): void {
    this.#woken = true;
    this.#events.changed();
  }

  delay(): number {
    if (!this.#woken && this.#flushables.length === 0) return this.timers.nextDelay();
    this.#woken = false;
    return 0;
  }

  waitAndDeliver(timeoutMs: number): number {
    const { backend } = this;
    if (backend.style === "pushing") return 0;
    const ready = this.#ready;
    backend.wait(timeoutMs, ready);
    this.#inTurn = true;
    this.timers.update();
    const count = ready.length;
    for (let index = 0; index < count; index++) {
      const completion = ready.completionAt(index);
      if (completion !== null) {
        this.#complete(completion, ready.readyAt(index), ready.flagsAt(index));
        continue;
      }
      const watched = ready.watchedAt(index);
      if (watched instanceof Watch) deliver(watched, ready.readyAt(index), this);
      else if (watched instanceof Bell) watched.ring();
    }
    ready.clear();
    return count;
  }

  deliver(watched: Watched, ready: Ready): void {
    if (!this.#inTurn) {
      this.#inTurn = true;
      this.timers.update();
    }
    if (watched instanceof Watch) deliver(watched, ready, this);
  }

  endTurn(): void {
    this.#finishBatch();
    this.#uncaught.settle();
    this.#turnIsOver();
  }

  endTurnSync(): void {
    this.#finishBatch();
    try {
      this.#uncaught.settleSync();
    } finally {
      this.#turnIsOver();
    }
  }

  finished(): void {
    this.#events.finished();
  }

  failed(watch: Watch, error: Error): void {
    this.unwatch(watch);
    if (watch.handlers.onError === undefined) return this.threw(error);
    try {
      watch.handlers.onError(error);
    } catch (second) {
      this.threw(second);
    }
  }

  threw(error: unknown): void {
    this.#uncaught.report(error);
  }

  /** Unregisters every socket, which stays open, and gives up the backend. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const watch of this.#watches.values()) this.unwatch(watch);
    this.backend.close();
  }

  #finishBatch(): void {
    this.#inTurn = true;
    drainMicrotasks();
    if (!this.#closed) this.timers.expire(this.#uncaught.report);
    // What a flush makes others write goes out in the next turn: two lists, so that a turn always ends.
    const flushing = this.#flushables;
    this.#flushables = this.#flushing;
    this.#flushing = flushing;
    flushing.flush(this.#uncaught.report);
  }

  #complete(completion: Completion, result: number, flags: number): void {
    try {
      completion.complete(result, flags);
    } catch (error) {
      this.threw(error);
    }
  }

  #turnIsOver(): void {
    // Once more: a promise that timers or sends have resolved must not wait until something else happens.
    drainMicrotasks();
    this.timers.rest();
    this.#inTurn = false;
    if (this.#afterTurn.length === 0) return;
    for (const callback of this.#afterTurn.splice(0)) callback();
    drainMicrotasks();
  }
}
