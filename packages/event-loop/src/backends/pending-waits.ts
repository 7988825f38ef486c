import type { NativeMemory } from "@p2pnet/sys";

/**
 * The waits that go on on other threads. What they use is not given up before they are over: a descriptor's number could be
 * another's by then, and memory something else's.
 */
export class PendingWaits {
  readonly #memory = new Set<{ readonly used: NativeMemory }>();
  #whenOver: (() => void) | null = null;

  /** A wait that uses `memory` begins. Returns what is to be called when it is over, which then calls `done`. */
  begin(memory: NativeMemory, done: () => void): () => void {
    const wait = { used: memory };
    this.#memory.add(wait);
    return () => {
      this.#memory.delete(wait);
      if (this.#memory.size === 0) this.#whenOver?.();
      done();
    };
  }

  /** Calls back once no wait is under way: at once, if none is. After this no more may begin. */
  whenOver(callback: () => void): void {
    if (this.#memory.size === 0) callback();
    else this.#whenOver = callback;
  }
}
