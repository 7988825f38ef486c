import type { Backend, Watched } from "../backend.js";
import type { Ready } from "../interest.js";
import type { Timers } from "../timers.js";

/** What a host may ask of the loop that it drives. */
export interface Hosted {
  readonly backend: Backend;
  readonly timers: Timers;
  /** False while there is nothing to watch, to send or to tell, and no timer to wait for. */
  readonly busy: boolean;
  /** Its backend is given up. */
  readonly closed: boolean;
  /** From the first delivery of a turn until its end. */
  readonly inTurn: boolean;
  /** Milliseconds that a wait may last for the loop's own sake; -1 for ever. */
  delay(): number;
  /** Waits, then delivers what is ready. How many were told. Only with a waiting backend. */
  waitAndDeliver(timeoutMs: number): number;
  /** Delivers what a backend that pushes has found. */
  deliver(watched: Watched, ready: Ready): void;
  /**
   * Runs microtasks and timers that are due, sends what the turn wrote, and hands on what handlers threw. A turn ends
   * before every wait, so that nothing which could be done now is kept waiting.
   */
  endTurn(): void;
  /** As `endTurn`, but throws from here what handlers threw and nobody takes. */
  endTurnSync(): void;
  /** The host has nothing left to do. */
  finished(): void;
}

/** Who drives the turns. */
export interface Host {
  /** @throws SystemError; the host has not started then */
  start(): void;
  /** Called once after `start`, possibly from inside a turn, which ends as any other. */
  stop(): void;
  /** Something happened between turns: a write, a registration, a timer. See that a turn comes soon. */
  poke(): void;
  /** Whether the loop keeps the process running. */
  setReferenced(referenced: boolean): void;
}
