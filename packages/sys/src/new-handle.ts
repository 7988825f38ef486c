import type { Constants } from "./constants/constants.js";
import type { PosixFunctions } from "./posix-functions.js";
import type { Retry } from "./retry.js";

/** Makes a handle that `socket` or `accept` gave non-blocking and closed by exec; returns it, or a negated errno. */
export type Prepare = (handle: number) => number;

/**
 * For systems whose `socket` and `accept` cannot do that by themselves (macOS). Those also need SO_NOSIGPIPE, because
 * their MSG_NOSIGNAL is young. Between the calls another thread may exec, which nothing can prevent there.
 */
export function prepareAfterwards(c: PosixFunctions, constants: Constants, retry: Retry): Prepare {
  const { F_SETFD, F_SETFL, FD_CLOEXEC, O_NONBLOCK, SOL_SOCKET, SO_NOSIGPIPE } = constants;
  const on = Uint8Array.of(1, 0, 0, 0);
  return (handle) => {
    const flagged = retry(() => c.fcntl(handle, F_SETFD!, "int", FD_CLOEXEC!));
    const result = flagged < 0 ? flagged : retry(() => c.fcntl(handle, F_SETFL!, "int", O_NONBLOCK!));
    if (result < 0) {
      c.close(handle);
      return result;
    }
    // Fails for a connection that is over already, which nobody can write to.
    if (SO_NOSIGPIPE !== null) c.setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, on, on.length);
    return handle;
  };
}
