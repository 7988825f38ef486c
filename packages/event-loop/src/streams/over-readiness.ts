import type { LevelTwo } from "./level-two.js";
import { ReadinessListener } from "./readiness-listener.js";
import { ReadinessStream } from "./readiness-stream.js";

/** Level 2 over level 1, for every backend that tells readiness and no more. */
export const OVER_READINESS: LevelTwo = {
  stream: (loop, socket) => new ReadinessStream(loop, socket),
  listener: (loop, socket, handlers) => new ReadinessListener(loop, socket, handlers),
};
