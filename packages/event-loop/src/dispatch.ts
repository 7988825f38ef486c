import { FAILED, HANGUP, READABLE, type Ready, UNCERTAIN, WRITABLE } from "./interest.js";
import type { Watch } from "./watch.js";

/** Where a delivery that went wrong is reported. */
export interface DeliveryFailures {
  /** The socket failed: unregister it, then tell its `onError`. */
  failed(watch: Watch, error: Error): void;
  /** A handler threw. */
  threw(error: unknown): void;
}

/**
 * Tells one watch what happened to it.
 *
 * A hang-up or failure counts as readable and writable, and reading comes first: `recv` gives what is left, then 0 or
 * the error. Taking SO_ERROR before that would turn a reset into a false clean end. Only when nobody reads is it taken.
 */
export function deliver(watch: Watch, ready: Ready, failures: DeliveryFailures): void {
  // Without interest nothing is told: a handler, or one told earlier in the batch, has removed or paused the socket.
  const { handlers } = watch;
  const reads = (watch.interest & READABLE) !== 0 && handlers.onReadable !== undefined;
  try {
    if (reads && (ready & (READABLE | FAILED | HANGUP)) !== 0) handlers.onReadable?.();
    if ((ready & (WRITABLE | FAILED | HANGUP)) !== 0 && (watch.interest & WRITABLE) !== 0) handlers.onWritable?.();
    if ((ready & (FAILED | UNCERTAIN)) !== 0 && !reads && watch.interest !== 0) {
      const error = errorOf(watch);
      if (error !== null) failures.failed(watch, error);
    }
  } catch (error) {
    if (watch.socket.raised(error)) failures.failed(watch, error);
    else failures.threw(error);
  }
}

function errorOf({ socket }: Watch): Error | null {
  try {
    return socket.takeError();
  } catch (error) {
    return error as Error; // EBADF: the handle was closed behind the loop's back.
  }
}
