import { Poster } from "@p2pnet/event-loop";
import type { Handed } from "../transports/handed.js";
import { HandleQueue } from "../transports/handle-queue.js";

/** A worker as the thread sees it that hands it connections. */
export class HandleTaker {
  readonly #queue: HandleQueue;
  readonly #poster: Poster;

  constructor({ queue, mailbox }: Handed) {
    this.#queue = new HandleQueue(queue);
    this.#poster = new Poster(mailbox);
  }

  /** False if the handle is still the caller's: the worker is far behind, or takes nobody any more. */
  give(handle: number): boolean {
    if (this.#poster.closed || !this.#queue.hasRoom) return false;
    this.#queue.put(handle);
    try {
      this.#poster.post(null);
    } catch {
      // Closed, which is looked at below; or the bell could not be rung, and the next one is for this handle, too.
    }
    if (!this.#poster.closed) return true;
    // It drains once it has closed, and may have found this handle or not.
    return this.#queue.takeBack() === null;
  }

  /** Ends the handing; the handles that the worker has not taken are the caller's again. */
  end(): number[] {
    this.#poster.close();
    return this.#queue.drain();
  }
}
