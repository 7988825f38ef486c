import { closeSync, openSync, writeSync } from "node:fs";

/** What a run of one test file writes, as lines of JSON, at once: what was passed before a crash is known all the same. */
export type TestEvent =
  | { readonly type: "start"; readonly name: readonly string[] }
  | ({ readonly type: "test" } & TestOutcome)
  /** Something failed that is no test: the file itself, a hook, or what nobody caught. */
  | { readonly type: "error"; readonly name: readonly string[]; readonly errors: readonly string[] }
  /** All that the file had was run. */
  | { readonly type: "end" };

interface TestOutcome {
  /** The titles of its suites, outermost first, and its own. */
  readonly name: readonly string[];
  readonly state: "passed" | "failed" | "skipped";
  readonly ms: number;
  readonly errors: readonly string[];
}

/** Writes events to a file. */
export class EventFile {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  write(event: TestEvent): void {
    writeSync(this.#file, `${JSON.stringify(event)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}
