/**
 * The system has no kqueue and no library with one was named, or that could not be loaded: code
 * `ERR_KQUEUE_UNAVAILABLE`, with the loader's own error as `cause`.
 */
export class KqueueUnavailableError extends Error {
  readonly code = "ERR_KQUEUE_UNAVAILABLE";
  override readonly name = "KqueueUnavailableError";
}
