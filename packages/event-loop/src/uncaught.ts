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
    for (const error of this.#take()) {
      if (this.#handler === undefined) setImmediate(rethrow, error);
      else this.#call(this.#handler, error);
    }
  }

  /** After the batch, where the loop owns the thread: to the handler, or thrown from here. */
  settleSync(): void {
    if (this.#pending.length === 0) return;
    if (this.#handler !== undefined) return this.settle();
    const errors = this.#take();
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, "several handlers threw in one turn");
  }

  #take(): unknown[] {
    const errors = this.#pending;
    this.#pending = [];
    return errors;
  }

  #call(handler: (error: unknown) => void, error: unknown): void {
    try {
      handler(error);
    } catch (second) {
      setImmediate(rethrow, second);
    }
  }
}

function rethrow(error: unknown): never {
  throw error;
}
