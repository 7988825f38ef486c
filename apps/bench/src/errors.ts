export type BenchErrorCode =
  /** No C compiler was found where nothing can be said without one. */
  | "ERR_NO_COMPILER"
  /** The compiler refused a source of ours. */
  | "ERR_COMPILE"
  /** The system has no /proc and no epoll to measure with. */
  | "ERR_SYSTEM"
  /** A server ended, failed to start, or said something else than that it listens. */
  | "ERR_SERVER"
  /** A server runs on a backend that this system does not have, or forbids. */
  | "ERR_BACKEND"
  /** The guard could not measure what it is to guard. */
  | "ERR_NOT_MEASURED"
  /** A ratio to C is worse than the recorded one by more than the margin. */
  | "ERR_SLOWER"
  /** A worker serves far fewer clients than another. */
  | "ERR_SPREAD"
  /** The load generator saw a wrong byte, a closed connection or silence. */
  | "ERR_LOAD"
  /** concurrent-test printed something else than its JSON report. */
  | "ERR_CLIENTS";

/** A failure that ends the run with one line on stderr and exit code 1. */
export class BenchError extends Error {
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string) {
    super(message);
    this.name = "BenchError";
    this.code = code;
  }
}
