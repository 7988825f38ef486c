import { type Timer, Timers } from "@p2pnet/event-loop";
import { type Clock, systemClock } from "@p2pnet/stream";
import { throwLater } from "../throw-later.js";

/** Deadlines that Node's own loop drives: one `setTimeout` for all of them, and none while nothing is set. */
export class NodeTimers extends Timers {
  readonly #keepsProcess: boolean;
  #timeout: NodeJS.Timeout | null = null;
  /** When the timeout comes, on the clock. */
  #dueAt = Number.POSITIVE_INFINITY;

  /** @param keepsProcess whether a deadline that is set keeps the process running */
  constructor(keepsProcess: boolean, clock: Clock = systemClock) {
    super(clock);
    this.#keepsProcess = keepsProcess;
    // Nobody announces Node's turns: the time is read whenever it is asked for.
    this.rest();
  }

  override place(timer: Timer, order?: number): void {
    super.place(timer, order);
    if (timer.deadline < this.#dueAt) this.#schedule();
  }

  override drop(timer: Timer): void {
    super.drop(timer);
    if (this.size === 0) this.#clear();
  }

  #schedule(): void {
    this.#clear();
    const delayMs = this.nextDelay();
    if (delayMs < 0) return;
    this.#dueAt = this.now + delayMs;
    this.#timeout = setTimeout(() => this.#expire(), delayMs);
    if (!this.#keepsProcess) this.#timeout.unref();
  }

  #expire(): void {
    this.#clear();
    this.update();
    this.expire(throwLater);
    this.rest();
    this.#schedule();
  }

  #clear(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#timeout = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }
}

/** This thread's deadlines that a process waits for. */
export const keepingTimers: Timers = new NodeTimers(true);

/** This thread's deadlines that let the process end when nothing else keeps it running. */
export const passingTimers: Timers = new NodeTimers(false);
