export type BenchErrorCode =
  /** No C compiler was found: without it there is neither a load generator nor anything to compare with. */
  | "ERR_NO_COMPILER"
  /** The compiler refused a source of ours. */
  | "ERR_COMPILE"
  /** The system has no /proc and no epoll to measure with. */
  | "ERR_SYSTEM"
  /** A server ended, failed to start or said something else than that it listens. */
  | "ERR_SERVER"
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
