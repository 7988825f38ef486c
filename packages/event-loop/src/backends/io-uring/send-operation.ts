import type { Gather } from "../../streams/gather.js";
import type { WriteQueue } from "../../streams/write-queue.js";
import { Operation } from "./operation.js";

/** The stream whose bytes are sent. */
export interface Sender {
  /** The system took so many of them, or would not: the negated errno. */
  sendDone(result: number): void;
}

/** Where operations come from, and go when they are over. */
export interface SendPool {
  giveSend(operation: SendOperation, gather: Gather | null): void;
  /** Its stream has closed meanwhile. */
  dropQueue(queue: WriteQueue): void;
}

/** A send under way. It has the queue whose memory the kernel reads, whatever becomes of the stream. */
export class SendOperation extends Operation {
  readonly #pool: SendPool;
  /** Null once the stream has closed: nobody is told, and the queue is given back. */
  sender: Sender | null = null;
  queue: WriteQueue | null = null;
  /** The pieces, where there are several. */
  gather: Gather | null = null;

  constructor(pool: SendPool) {
    super();
    this.#pool = pool;
  }

  override complete(result: number): void {
    const { sender, gather } = this;
    const queue = this.queue!;
    this.sender = null;
    this.queue = null;
    this.gather = null;
    queue.isBeingSent = false;
    this.#pool.giveSend(this, gather);
    if (sender === null) this.#pool.dropQueue(queue);
    else sender.sendDone(result);
  }
}
