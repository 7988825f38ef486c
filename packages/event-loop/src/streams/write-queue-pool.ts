import { BlockPool } from "./block-pool.js";
import { Gather } from "./gather.js";
import type { Received } from "./received.js";
import { WriteQueue } from "./write-queue.js";

/** Free queues kept for reuse, for as many streams as answer in one turn; more are left to the garbage collector. */
const KEPT = 1024;

/**
 * The write queues of a loop's streams. A stream holds one only while bytes wait: an idle one has none, and those that are
 * busy share what the processor's cache holds.
 */
export class WriteQueuePool {
  readonly #blocks: BlockPool = new BlockPool();
  readonly #gather: Gather = new Gather();
  readonly #received: Received;
  readonly #free: WriteQueue[] = [];

  constructor(received: Received) {
    this.#received = received;
  }

  take(): WriteQueue {
    return this.#free.pop() ?? new WriteQueue(this.#blocks, this.#gather, this.#received);
  }

  /** Takes it back, and drops what still waits in it. */
  give(queue: WriteQueue): void {
    if (queue.length > 0) queue.clear();
    if (this.#free.length < KEPT) this.#free.push(queue);
  }
}
