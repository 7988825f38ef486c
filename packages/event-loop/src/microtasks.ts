/**
 * Private to Node. Bun has a stub of it, but a call of its own (https://bun.com/reference/bun/jsc/drainMicrotasks); Deno has
 * none.
 */
const tick = process.versions["bun"] === undefined ? nodeTick() : bunDrain();

function nodeTick(): (() => void) | undefined {
  return (process as unknown as { _tickCallback?: () => void })._tickCallback?.bind(process);
}

function bunDrain(): (() => void) | undefined {
  const jsc = process.getBuiltinModule("bun:jsc") as { drainMicrotasks(): void } | undefined;
  return jsc?.drainMicrotasks;
}

/** Whether `drainMicrotasks` does what it says. Otherwise they run when the host yields to the runtime. */
export const drainsMicrotasks: boolean = tick !== undefined;

/**
 * Runs what promises and `process.nextTick` have queued, as Node does after each of its own callbacks. What one of them
 * throws is an uncaught exception, as always.
 */
export function drainMicrotasks(): void {
  for (;;) {
    try {
      return tick?.();
    } catch (error) {
      // Thrown from a microtask it reaches Node at once, which then also forgets the tick's place in the stack of
      // asynchronous contexts. Caught and kept, it would leave that stack corrupt, and Node would abort.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
