/** Metrics that somebody can read, until they are closed. */
export interface ShownMetrics extends Disposable {
  /** Shows them no more. The server goes on, and counts on. Closing twice is allowed. */
  close(): void;
}

/** @param close called once, at the first `close` */
export function shownUntil(close: () => void): ShownMetrics {
  let closed = false;
  const once = (): void => {
    if (closed) return;
    closed = true;
    close();
  };
  return { close: once, [Symbol.dispose]: once };
}
