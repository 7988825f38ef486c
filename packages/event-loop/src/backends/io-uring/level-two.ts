import type { LevelTwo } from "../../streams/level-two.js";
import { RingListener } from "./listener.js";
import { RingStream } from "./stream.js";
import type { Transfers } from "./transfers.js";

/** Level 2 on a ring: the kernel is told what to receive, send and accept, and not asked who is ready for that. */
export function levelTwoOn(transfers: Transfers): LevelTwo {
  return {
    stream(loop, socket) {
      transfers.belongTo(loop);
      return new RingStream(loop, socket, transfers);
    },
    listener: (loop, socket, handlers) => new RingListener(loop, socket, handlers, transfers),
  };
}
