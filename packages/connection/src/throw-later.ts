/** Throws `error` on a fresh stack, where Node treats it as any uncaught exception, and nobody's work is left half done. */
export function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
