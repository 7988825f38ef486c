import { setMaxListeners } from "node:events";

/** Ctrl+C may reach a handler twice within milliseconds. A signal later than this is a second wish. */
const SECOND_SIGNAL_MS = 500;
/** What shells report of a program that a signal ended: 128 and its number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

type StopSignal = keyof typeof EXIT_CODES;

/** SIGINT (Ctrl+C) or SIGTERM: the test is given up. A signal more than 500 ms after the first ends the process at once. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  #first: { exitCode: number; at: number } | null = null;

  constructor() {
    setMaxListeners(0, this.signal); // Every client that connects listens to it.
    process.on("SIGINT", this.#signalled).on("SIGTERM", this.#signalled);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that tells of the signal; null while there was none. */
  get exitCode(): number | null {
    return this.#first?.exitCode ?? null;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#signalled).off("SIGTERM", this.#signalled);
  }

  readonly #signalled = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    this.#first ??= { exitCode: EXIT_CODES[signal as StopSignal], at: now };
    if (now - this.#first.at > SECOND_SIGNAL_MS) process.exit(this.#first.exitCode);
    this.#controller.abort();
  };
}
