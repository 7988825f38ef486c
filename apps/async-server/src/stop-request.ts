/** Ctrl+C may reach a handler twice within milliseconds. A signal later than this is a second wish. */
export const SECOND_SIGNAL_MS = 500;
/** What shells report of a program that Ctrl+C ended. */
const INTERRUPTED = 130;

/**
 * The wish that the server stops: SIGINT (Ctrl+C), SIGTERM, `request()`, or the end of the program that started this one
 * with an IPC channel. A signal more than 500 ms after the first ends the process at once, with exit code 130.
 */
export class StopRequest implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  readonly #now: () => number;
  #firstSignalAt: number | null = null;

  constructor(of: NodeJS.Process = process, now: () => number = () => performance.now()) {
    this.#process = of;
    this.#now = now;
    of.on("SIGINT", this.#signalled).on("SIGTERM", this.#signalled);
    if (of.connected) of.on("disconnect", this.request);
  }

  /** Aborted from the first wish on. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly request = (): void => this.#controller.abort();

  /** Listens no longer; an open IPC channel keeps the process no more. */
  [Symbol.dispose](): void {
    this.#process.off("SIGINT", this.#signalled).off("SIGTERM", this.#signalled).off("disconnect", this.request);
  }

  readonly #signalled = (): void => {
    const now = this.#now();
    this.#firstSignalAt ??= now;
    if (now - this.#firstSignalAt > SECOND_SIGNAL_MS) this.#process.exit(INTERRUPTED);
    this.request();
  };
}
