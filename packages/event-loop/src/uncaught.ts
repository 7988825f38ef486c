/**
 * What happens to errors that handlers throw. They wait until the batch is finished, so that one that always throws
 * starves nobody.
 */
export class Uncaught {
  readonly #handler: ((error: unknown) => void) | undefined;
  #pending: unknown[] = [];

  constructor(handler: ((error: unknown) => void) | undefined) {
    this.#handler = handler;
  }

  readonly report = (error: unknown): void => {
    this.#pending.push(error);
  };

  /** After the batch: to the handler, or rethrown on a fresh stack, where Node treats it as any uncaught exception. */
  settle(): void {
    if (this.#pending.length === 0) return;
    for (const error of this.#unhandled()) setImmediate(rethrow, error);
  }

  /** After the batch, where the loop owns the thread: to the handler, or thrown from here. */
  settleSync(): void {
    if (this.#pending.length === 0) return;
    const errors = this.#unhandled();
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "several handlers threw in one turn");
  }

  /** Gives what is pending to the handler. What is left: everything if there is none, or else what it threw itself. */
  #unhandled(): unknown[] {
    const errors = this.#pending;
    this.#pending = [];
    const handler = this.#handler;
    if (handler === undefined) return errors;
    const thrown: unknown[] = [];
    for (const error of errors) {
      try {
        handler(error);
      } catch (second) {
        thrown.push(second);
      }
    }
    return thrown;
  }
}

function rethrow(error: unknown): never {
  throw error;
}
