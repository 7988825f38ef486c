/** Private to Node: where it is missing, microtasks run when the host yields, once a turn. */
const tick: () => void =
  (process as unknown as { _tickCallback?: () => void })._tickCallback?.bind(process) ?? (() => {});

/**
 * Runs what promises and `process.nextTick` have queued, as Node does after each of its own callbacks. What one of them
 * throws is an uncaught exception, as always.
 */
export function drainMicrotasks(): void {
  for (;;) {
    try {
      return tick();
    } catch (error) {
      // Thrown from a microtask it reaches Node at once, which then also forgets the tick's place in the stack of
      // asynchronous contexts. Caught and kept, it would leave that stack corrupt, and Node would abort.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
