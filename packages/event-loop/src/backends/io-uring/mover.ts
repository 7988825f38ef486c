import type { Watched } from "../../backend.js";

/** A registration that asks the ring itself for what it wants, and is told of no readiness. */
export interface Mover extends Watched {
  /** Ends what is under way, before this returns if the kernel can. */
  giveUp(): void;
}

export function isMover(watched: Watched): watched is Mover {
  return "giveUp" in watched;
}
