/**
 * Runs what promises and `process.nextTick` have queued, as Node does after each of its own callbacks.
 * The function is private to Node: where it is missing, microtasks run when the host yields, once a turn.
 */
export const drainMicrotasks: () => void =
  (process as unknown as { _tickCallback?: () => void })._tickCallback?.bind(process) ?? (() => {});
