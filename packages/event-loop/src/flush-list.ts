import type { Flushable } from "./streams/stream-loop.js";

/**
 * Streams that want the end of a turn. Its array is kept: one that is emptied by its length gives up its memory, and takes a
 * hundred nanoseconds to fill again.
 */
export class FlushList {
  readonly #streams: (Flushable | null)[] = [];
  length = 0;

  push(stream: Flushable): void {
    this.#streams[this.length] = stream;
    this.length++;
  }

  /** Flushes all of them, and is empty then. What one throws goes to `report`. Nobody may push meanwhile. */
  flush(report: (error: unknown) => void): void {
    const { length } = this;
    for (let index = 0; index < length; index++) {
      const stream = this.#streams[index]!;
      this.#streams[index] = null;
      try {
        stream.flush();
      } catch (error) {
        report(error);
      }
    }
    this.length = 0;
  }
}
