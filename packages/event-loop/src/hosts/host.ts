import type { Backend } from "../backend.js";
import type { Timers } from "../timers.js";

/** What a host may ask of the loop that it drives. */
export interface Hosted {
  readonly backend: Backend;
  readonly timers: Timers;
  /** False while there is nothing to watch and no timer to wait for. */
  readonly busy: boolean;
  /** Milliseconds that a wait may last for the loop's own sake; -1 for ever. */
  delay(): number;
  /** Waits, then delivers what is ready. How many were told. Only with a waiting backend. */
  waitAndDeliver(timeoutMs: number): number;
  /** Runs timers that are due and sends what the turn wrote. A turn ends before every wait. */
  endTurn(): void;
  /** Hands errors of handlers on, now that the batch is over. */
  settleErrors(): void;
  /** As `settleErrors`, but throws from here what nobody takes. */
  settleErrorsSync(): void;
  /** The host has stopped by itself because nothing was left to watch. */
  finished(): void;
}

/** Who drives the turns. */
export interface Host {
  start(): void;
  stop(): void;
  /** Something happened between turns: a write, a registration, a timer. See that a turn comes soon. */
  poke(): void;
  /** Whether the loop keeps the process running. */
  setReferenced(referenced: boolean): void;
}
