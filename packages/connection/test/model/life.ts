import fc from "fast-check";
import { expect } from "vitest";
import type { Carried } from "../carrier.js";
import { turn, until } from "../until.js";
import { ConnectionEnd } from "./connection-end.js";
import { RawEnd } from "./raw-end.js";
import type { Side } from "./side.js";
import { type Finale, finale, type Habits, habits, type Step, steps } from "./steps.js";

/** Longer than any deadline of a connection that closes. */
const DRAIN_MS = 5_000;

/** More messages than one turn may deliver, for most connections. */
const LAST_WORDS = 12;

/** How long one may take to end. */
const ENDS_WITHIN_MS = 3_000;
/** How long a failure may be made shorter. */
const SHRINKING_MS = 10_000;

export interface Bounds {
  /** Lives at most. */
  readonly numRuns: number;
  /** No further life is begun after so many milliseconds. */
  readonly limitMs: number;
}

/**
 * Whatever two ends do in whatever order, their users get what they rely on.
 *
 * @param settings what `open` is given: a failure tells it, with the seed
 */
export async function anyLifeIsGood<S>(
  settings: fc.Arbitrary<S>,
  open: (settings: S) => Carried | Promise<Carried>,
  { numRuns, limitMs }: Bounds,
): Promise<void> {
  const ends = fc.tuple(habits, fc.option(habits, { freq: 2 }));
  const enough = performance.now() + limitMs;
  let failed = false;
  const property = fc.asyncProperty(settings, ends, steps, finale, async (setting, [left, right], taken, last) => {
    if (!failed && performance.now() > enough) return;
    const carried = await open(setting);
    try {
      await new Life(carried, left, right).live(taken, last);
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      carried.close();
    }
  });
  await fc.assert(property, { numRuns, interruptAfterTimeLimit: limitMs + SHRINKING_MS });
}

class Life {
  readonly #carried: Carried;
  readonly #left: ConnectionEnd;
  readonly #ends: readonly [ConnectionEnd, Side];

  /** @param right null for a peer that moves bytes by hand */
  constructor(carried: Carried, left: Habits, right: Habits | null) {
    const { streams } = carried;
    this.#carried = carried;
    this.#left = new ConnectionEnd(streams[0], left, carried);
    if (right === null) {
      this.#left.other = new RawEnd(streams[1]);
    } else {
      const other = new ConnectionEnd(streams[1], right, carried);
      other.other = this.#left;
      this.#left.other = other;
    }
    this.#ends = [this.#left, this.#left.other];
  }

  async live(taken: readonly Step[], last: Finale): Promise<void> {
    for (const step of taken) {
      await this.#take(step);
      this.#check();
    }
    await this.#end(last);
    for (const end of this.#ends) end.checkEnd();
    await this.#afterwards();
    for (const end of this.#ends) end.checkEnd();
    expect(this.#carried.timers.size).toBe(0);
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case "turn":
        return this.#turn();
      case "microtasks":
        for (let i = 0; i < step.count; i++) await null;
        return;
      case "pass":
        return this.#carried.pass(step.ms);
      case "burst":
        for (let i = 0; i < step.count; i++) this.#ends[step.side].send(1);
        return;
      case "send":
      case "part":
        return this.#ends[step.side][step.do](step.size);
      default:
        return this.#ends[step.side].act(step.do);
    }
  }

  /** In the end nobody may be left waiting: neither where both take what comes, nor where nobody does and time passes. */
  async #end(last: Finale): Promise<void> {
    const aborts = (last === "one aborts" || last === "one vanishes") && !this.#left.over;
    if (last === "one vanishes") await this.#vanish();
    if (last === "time passes") {
      for (const end of this.#ends) end.closeUnread();
      this.#carried.pass(DRAIN_MS);
    } else {
      for (const end of this.#ends) end.takeAll();
      if (last === "one aborts" && aborts) this.#left.act("abort");
      if (last === "one closes") this.#left.act("close");
      if (!aborts) for (const end of this.#ends) end.act("end");
    }
    await until(
      "everything to be over",
      () => {
        this.#carried.pass(0);
        this.#check();
        for (const end of this.#ends) if (end.halfOpen) end.act("end");
        return this.#ends.every((end) => end.settled);
      },
      ENDS_WITHIN_MS,
    );
  }

  /** One is gone amid what it says, of which the other has heard a part, and may answer it. */
  async #vanish(): Promise<void> {
    const other = this.#ends[1];
    for (let i = 0; i < LAST_WORDS; i++) other.send(1);
    await this.#turn();
    other.act("abort");
    for (let i = 0; i < LAST_WORDS; i++) {
      await this.#turn();
      this.#check();
    }
  }

  /** What is over stays as it is. */
  async #afterwards(): Promise<void> {
    const late = ["pause", "attach", "drained", "pull", "end", "close", "resume", "abort", "leave"] as const;
    for (const end of this.#ends) {
      end.send(1);
      for (const action of late) end.act(action);
    }
    for (let i = 0; i < 3; i++) await this.#turn();
  }

  async #turn(): Promise<void> {
    this.#carried.pass(0);
    await turn();
  }

  #check(): void {
    for (const end of this.#ends) end.check();
    expect(this.#carried.uncaught).toEqual([]);
  }
}
