import type { Socket } from "@p2pnet/socket";
import type { Interest } from "../interest.js";
import type { Timers } from "../timers.js";
import type { ReadinessHandlers, Watch } from "../watch.js";
import type { ReceiveMemory } from "./receive-memory.js";
import type { Received } from "./received.js";
import type { WriteQueuePool } from "./write-queue-pool.js";

/** What streams, listeners and connects ask of the loop that they live on: readiness, memory, and the turn's end. */
export interface StreamLoop {
  readonly timers: Timers;
  /** The loop was told to stop: the turn under way is the last one for now. */
  readonly stopping: boolean;
  readonly receiveMemory: ReceiveMemory;
  /** The chunk that was received last. */
  readonly received: Received;
  readonly queues: WriteQueuePool;
  watch(socket: Socket, handlers: ReadinessHandlers, interest: Interest): Watch;
  /** As `watch`, of one that tells itself, without interest so far. */
  register(watch: Watch): void;
  setInterest(watch: Watch, interest: Interest): void;
  unwatch(watch: Watch): void;
  /** Calls `flush` of the stream once, when the turn ends. */
  atTurnEnd(stream: Flushable): void;
}

/** Something that wants the end of the turn. */
export interface Flushable {
  flush(): void;
}
