import type { Clock } from "@p2pnet/stream";
import { EventLoopError } from "./errors.js";

/** The longest that a wait may be told to last: what fits into the system's `int`, about 24 days. */
const MAX_WAIT_MS = 0x7fffffff;

interface Entry {
  /** When the heap looks at it: never later than the timer's deadline. */
  readonly at: number;
  /** Counts placements, so that equal deadlines come in the order in which they were set. */
  readonly order: number;
  /** Null once it counts no more: the entry may stay for long, and must hold nothing that the timer's callback holds. */
  timer: Timer | null;
}

/** A deadline that was set on `Timers`. */
export class Timer {
  /** Milliseconds on the clock of its timers. */
  deadline: number;
  /** Where it stands in the heap; null once it has fired or was cancelled. */
  entry: Entry | null = null;
  readonly callback: () => void;
  readonly #timers: Timers;

  constructor(timers: Timers, deadline: number, callback: () => void) {
    this.#timers = timers;
    this.deadline = deadline;
    this.callback = callback;
  }

  get pending(): boolean {
    return this.entry !== null;
  }

  /**
   * Puts the deadline `delayMs` from the turn's time. Later than before, this is one assignment: the heap finds out when
   * the old deadline comes, so that refreshing on every message costs nothing that grows. Revives a timer that fired.
   *
   * @throws EventLoopError `ERR_INVALID_ARG_VALUE` unless `delayMs` is a number of at least 0
   */
  refresh(delayMs: number): void {
    this.deadline = this.#timers.now + expectDelay(delayMs);
    if (this.entry === null || this.deadline < this.entry.at) this.#timers.place(this);
  }

  cancel(): void {
    if (this.entry !== null) this.#timers.drop(this);
  }
}

/**
 * Deadlines in a binary heap over a `Clock`. Whoever drives it asks `nextDelay`, waits, and calls `expire`.
 * Entries of cancelled and moved timers stay until their time comes or they are the greater part, and are then dropped.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #onEarlier: () => void;
  #now: number;
  #resting = false;
  #heap: Entry[] = [];
  #live = 0;
  #placed = 0;
  /** The last placed before this turn. */
  #newest = 0;

  /** @param onEarlier called when the next deadline has come nearer, so that a wait under way can be cut short */
  constructor(clock: Clock, onEarlier: () => void = () => {}) {
    this.#clock = clock;
    this.#onEarlier = onEarlier;
    this.#now = clock.now();
  }

  /** The turn's time in milliseconds: the clock is read once a turn, not once a message. Between turns, the clock's. */
  get now(): number {
    if (this.#resting) this.#now = this.#clock.now();
    return this.#now;
  }

  /** Timers that have neither fired nor been cancelled. */
  get size(): number {
    return this.#live;
  }

  /**
   * Calls `callback` once, from the loop, no earlier than `delayMs` milliseconds from now, and never in the turn that set
   * it. Timers with the same deadline are called in the order in which they were set.
   *
   * @throws EventLoopError `ERR_INVALID_ARG_VALUE` unless `delayMs` is a number of at least 0
   */
  set(delayMs: number, callback: () => void): Timer {
    const delay = expectDelay(delayMs);
    this.#now = this.#clock.now();
    const timer = new Timer(this, this.#now + delay, callback);
    this.place(timer);
    return timer;
  }

  /** Reads the clock: a turn begins. */
  update(): void {
    this.updateNow();
    this.#newest = this.#placed;
  }

  /** Reads the clock again within a turn. */
  updateNow(): void {
    this.#resting = false;
    this.#now = this.#clock.now();
  }

  /** The turn is over: from here on `now` is read anew each time, for nobody knows when the next one begins. */
  rest(): void {
    this.#resting = true;
  }

  /** Whole milliseconds until the next deadline, rounded up; 0 if it has passed; -1 if there is none. */
  nextDelay(): number {
    const first = this.#first();
    return first === undefined ? -1 : Math.min(Math.max(0, Math.ceil(first.at - this.now)), MAX_WAIT_MS);
  }

  /**
   * Calls every timer whose deadline has passed. What a callback throws goes to `report`, and the others run. What was set
   * in this turn waits for the next, or timers of 0 ms that set each other would never let go.
   */
  expire(report: (error: unknown) => void): void {
    const { now } = this;
    for (;;) {
      const first = this.#first();
      if (first === undefined || first.at > now || first.order > this.#newest) return;
      const timer = first.timer!;
      this.#pop();
      timer.entry = null;
      this.#live--;
      if (timer.deadline > first.at) {
        // It was refreshed meanwhile, and finds its place among the others only now.
        this.place(timer, first.order);
        continue;
      }
      try {
        timer.callback();
      } catch (error) {
        report(error);
      }
    }
  }

  /** For `Timer`: puts it into the heap at its deadline. */
  place(timer: Timer, order: number = ++this.#placed): void {
    if (timer.entry === null) this.#live++;
    else timer.entry.timer = null;
    timer.entry = { at: timer.deadline, order, timer };
    this.#push(timer.entry);
    if (this.#heap[0] === timer.entry) this.#onEarlier();
    this.#dropStale();
  }

  /** For `Timer`: takes it out. */
  drop(timer: Timer): void {
    timer.entry!.timer = null;
    timer.entry = null;
    this.#live--;
    this.#dropStale();
  }

  #first(): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.timer !== null) return first;
      this.#pop();
    }
  }

  #dropStale(): void {
    if (this.#heap.length <= 64 || this.#live * 2 >= this.#heap.length) return;
    const live = this.#heap.filter(({ timer }) => timer !== null);
    this.#heap = [];
    for (const entry of live) this.#push(entry);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function expectDelay(delayMs: number): number {
  if (delayMs >= 0) return delayMs;
  throw new EventLoopError("ERR_INVALID_ARG_VALUE", `delayMs: expected a number of at least 0, got ${delayMs}`);
}
