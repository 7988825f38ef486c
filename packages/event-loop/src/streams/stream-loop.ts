import type { Socket } from "@p2pnet/socket";
import type { NativeMemory } from "@p2pnet/sys";
import type { Interest } from "../interest.js";
import type { Timers } from "../timers.js";
import type { ReadinessHandlers, Watch } from "../watch.js";
import type { BlockPool } from "./block-pool.js";
import type { Gather } from "./gather.js";

/** What streams, listeners and connects ask of the loop that they live on: readiness, memory, and the turn's end. */
export interface StreamLoop {
  readonly timers: Timers;
  /** Where every stream of the loop receives: valid until the next receive. */
  readonly receiveMemory: NativeMemory;
  readonly blocks: BlockPool;
  readonly gather: Gather;
  watch(socket: Socket, handlers: ReadinessHandlers, interest: Interest): Watch;
  setInterest(watch: Watch, interest: Interest): void;
  unwatch(watch: Watch): void;
  /** Calls `flush` of the stream once, when the turn ends. */
  atTurnEnd(stream: Flushable): void;
}

/** Something that wants the end of the turn. */
export interface Flushable {
  flush(): void;
}
