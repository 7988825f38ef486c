/** What `promise` gives, or the signal's reason if that comes first, or had come before. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** The signal's reason, where that is an error: what a reset at the signal is told with. */
export function errorOf({ reason }: AbortSignal): Error | undefined {
  return reason instanceof Error ? reason : undefined;
}

/** Resets a connection that has not ended when the signal is aborted, or has been already. */
export function resetAt(
  signal: AbortSignal,
  connection: { readonly closed: Promise<void>; abort(error?: Error): void },
): void {
  const onAbort = (): void => connection.abort(errorOf(signal));
  if (signal.aborted) return onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  void connection.closed.then(() => signal.removeEventListener("abort", onAbort));
}
