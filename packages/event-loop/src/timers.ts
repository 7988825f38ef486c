import type { Clock } from "@p2pnet/stream";

interface Entry {
  /** When the heap looks at it: never later than the timer's deadline. */
  at: number;
  readonly timer: Timer;
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
   */
  refresh(delayMs: number): void {
    this.deadline = this.#timers.now + delayMs;
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
  /** The turn's time in milliseconds: the clock is read once a turn, not once a message. */
  now: number;
  readonly #clock: Clock;
  readonly #onEarlier: () => void;
  #heap: Entry[] = [];
  #live = 0;

  /** @param onEarlier called when the next deadline has come nearer, so that a wait under way can be cut short */
  constructor(clock: Clock, onEarlier: () => void = () => {}) {
    this.#clock = clock;
    this.#onEarlier = onEarlier;
    this.now = clock.now();
  }

  /** Timers that have neither fired nor been cancelled. */
  get size(): number {
    return this.#live;
  }

  /** Calls `callback` once, from the loop, no earlier than `delayMs` milliseconds from now. */
  set(delayMs: number, callback: () => void): Timer {
    this.update();
    const timer = new Timer(this, this.now + delayMs, callback);
    this.place(timer);
    return timer;
  }

  /** Reads the clock. */
  update(): void {
    this.now = this.#clock.now();
  }

  /** Whole milliseconds until the next deadline, rounded up; 0 if it has passed; -1 if there is none. */
  nextDelay(): number {
    const first = this.#first();
    return first === undefined ? -1 : Math.max(0, Math.ceil(first.at - this.now));
  }

  /** Calls every timer whose deadline has passed. What a callback throws goes to `report`, and the others run. */
  expire(report: (error: unknown) => void): void {
    for (let first = this.#first(); first !== undefined && first.at <= this.now; first = this.#first()) {
      const { timer } = first;
      this.#pop();
      timer.entry = null;
      this.#live--;
      if (timer.deadline > this.now) {
        this.place(timer); // It was refreshed meanwhile.
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
  place(timer: Timer): void {
    if (timer.entry === null) this.#live++;
    timer.entry = { at: timer.deadline, timer };
    this.#push(timer.entry);
    if (this.#heap[0] === timer.entry) this.#onEarlier();
  }

  /** For `Timer`: takes it out. */
  drop(timer: Timer): void {
    timer.entry = null;
    this.#live--;
    if (this.#heap.length > 64 && this.#live * 2 < this.#heap.length) this.#compact();
  }

  #first(): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.timer.entry === first) return first;
      this.#pop();
    }
  }

  #compact(): void {
    const live = this.#heap.filter((entry) => entry.timer.entry === entry);
    this.#heap = [];
    for (const entry of live) this.#push(entry);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= entry.at) break;
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
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
