import type { Action, SidedAction } from "./steps.js";

/** One of two ends, as the other one may judge it. */
export interface Side {
  /** The messages that the other end is to get, unless one of them gives up. */
  readonly sent: readonly Uint8Array[];
  /** It has said, or is to say, that nothing follows. */
  readonly finished: boolean;
  /** What it has said breaks off inside a frame. */
  readonly cut: boolean;
  /** It has given up: the other end may hear of a reset, and what is under way may be lost. */
  readonly gaveUp: boolean;
  /** What must hold at any moment. */
  check(): void;
  send(size: number): void;
  /** Sends a message and keeps back its last bytes until it sends again. */
  part(size: number): void;
  act(action: Action | SidedAction): void;
  /** It waits for nobody: it has heard the peer's end, and stays open. Of a reset it hears when it sends. */
  readonly halfOpen: boolean;
  /** From now on it takes all that comes, and does nothing else by itself. */
  takeAll(): void;
  /** From now on it takes nothing, and does nothing more than to close. */
  closeUnread(): void;
  /** Nobody waits for anything any more. */
  readonly settled: boolean;
  /** What must hold when all is over. */
  checkEnd(): void;
}
