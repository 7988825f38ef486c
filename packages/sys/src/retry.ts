/**
 * Makes a call again until no signal interrupts it, and turns -1 into the negated errno.
 *
 * For calls that are not hot: the closure it makes would cost more than the call it guards.
 */
export type Retry = (call: () => number) => number;

export function retryOn(EINTR: number, errno: Int32Array): Retry {
  return (call) => {
    for (;;) {
      const result = call();
      if (result >= 0) return result;
      if (errno[0] !== EINTR) return -errno[0]!;
    }
  };
}
